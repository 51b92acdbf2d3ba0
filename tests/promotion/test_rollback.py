"""Putting an alias back."""

from __future__ import annotations

import pytest

from mainstay.entities.registry import AliasChange
from mainstay.errors import BadInput, Conflict, NotFound
from mainstay.promotion.rollback import rollback, targets
from tests.promotion.cases import ADA, policy
from tests.promotion.conftest import House


def back(house: House, **options: int) -> AliasChange:
    """Roll back champion."""
    return rollback(
        house.registry, house.release, "churn", "champion", by=ADA, reason="broken", **options
    )


def promote(house: House, *versions: int) -> None:
    """Move champion."""
    for version in versions:
        house.registry.set_alias("churn", "champion", version)


def test_the_previous_holder_gets_the_alias_back(house: House) -> None:
    promote(house, 1, 2)
    change = back(house)
    assert (change.previous, change.version, change.kind) == (2, 1, "rollback")
    assert (change.reason, change.principal) == ("broken", "ada")
    assert house.holder() == 1


def test_the_way_back_needs_no_gate(house: House) -> None:
    promote(house, 1, 2)
    house.gate(policy("kind: threshold, metric: auc, minimum: 0.9"))
    assert back(house).version == 1


def test_a_version_that_was_rolled_back_is_not_returned_to(house: House) -> None:
    promote(house, 1, 2, 3)
    assert back(house).version == 2
    assert back(house).version == 1
    with pytest.raises(BadInput, match="no other version"):
        back(house)


def test_a_version_promoted_again_after_a_rollback_may_be_returned_to(house: House) -> None:
    promote(house, 1, 2)
    back(house)
    promote(house, 2, 3)
    assert back(house).version == 2


def test_a_holder_with_a_passing_verdict_goes_before_one_without(house: House) -> None:
    house.gate(policy("kind: threshold, metric: auc, minimum: 0.5"))
    house.measure(1, 0.9)
    promote(house, 1)
    house.gate("")
    promote(house, 2, 3)
    assert back(house).version == 1


def test_a_deleted_version_is_passed_over(house: House) -> None:
    promote(house, 1, 2, 3)
    house.registry.delete_model_version("churn", 2)
    assert back(house).version == 1


def test_a_rollback_from_another_holder_than_expected_is_a_conflict(house: House) -> None:
    promote(house, 1, 2)
    with pytest.raises(Conflict, match="held by v2"):
        back(house, expected=3)
    assert house.holder() == 2


def test_nothing_to_roll_back_is_said(house: House) -> None:
    with pytest.raises(BadInput, match="nobody holds"):
        back(house)
    promote(house, 1)
    with pytest.raises(BadInput, match="no other version"):
        back(house)
    with pytest.raises(NotFound):
        rollback(house.registry, house.release, "nope", "champion", by=ADA, reason="")


def test_setting_the_holder_again_does_not_hide_the_previous_one(house: House) -> None:
    promote(house, 1, 2, 2)
    assert back(house).version == 1


def test_no_history_has_no_targets() -> None:
    assert targets([], 1) == []
