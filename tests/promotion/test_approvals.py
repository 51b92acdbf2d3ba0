"""The two-person rule."""

from __future__ import annotations

import pytest

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.errors import BadInput, Conflict, GateRefused, NotFound, PermissionDenied
from mainstay.promotion import approvals
from tests.promotion.cases import ADA, GRACE, evidence, policy
from tests.promotion.conftest import House

GATE = policy("kind: threshold, metric: auc, minimum: 0.5", "kind: approval")


@pytest.fixture
def asked(house: House) -> str:
    """The id of Ada's request to make version 1 champion."""
    house.gate(GATE)
    house.measure(1, 0.9)
    request = approvals.request(house.registry, house.release, "churn", "champion", 1, by=ADA)
    return request.approval_id


def test_an_approved_request_lets_the_move_through(house: House, asked: str) -> None:
    with pytest.raises(GateRefused, match="0 of 1 approvals"):
        house.registry.set_alias("churn", "champion", 1, by=ADA)
    house.release.decide_approval(asked, "approved", reason="fine", by=GRACE)
    house.registry.set_alias("churn", "champion", 1, by=ADA)
    move = house.release.list_audit(subject="churn@champion")[-1]
    assert move.data["approvals"] == [asked]
    assert house.holder() == 1


def test_nobody_approves_an_own_request(house: House, asked: str) -> None:
    with pytest.raises(PermissionDenied, match="ada asked"):
        house.release.decide_approval(asked, "approved", by=ADA)
    with pytest.raises(GateRefused):
        house.registry.set_alias("churn", "champion", 1, by=ADA)


@pytest.mark.parametrize("who", [ANONYMOUS, Principal(claimed="grace")])
def test_a_claim_approves_nothing(house: House, asked: str, who: Principal) -> None:
    with pytest.raises(PermissionDenied, match="prove"):
        house.release.decide_approval(asked, "approved", by=who)


def test_nobody_approves_what_they_registered(house: House) -> None:
    house.plain_registry.create_model_version("churn", "s3://b/4", digest="ab" * 32, by=GRACE)
    house.gate(GATE)
    request = approvals.request(house.registry, house.release, "churn", "champion", 4, by=ADA)
    with pytest.raises(PermissionDenied, match="registered"):
        house.release.decide_approval(request.approval_id, "approved", by=GRACE)


def test_a_request_is_void_when_evidence_arrived(house: House, asked: str) -> None:
    house.measure(1, 0.95)
    with pytest.raises(Conflict, match="the evidence"):
        house.release.decide_approval(asked, "approved", by=GRACE)
    assert house.release.list_approvals(name="churn")[0].state == "void"


def test_a_request_is_void_when_the_policy_changed(house: House, asked: str) -> None:
    house.gate(GATE + "# a remark\n")
    with pytest.raises(Conflict, match="the policy"):
        house.release.decide_approval(asked, "approved", by=GRACE)


def test_an_approval_no_longer_counts_when_anything_changed(house: House, asked: str) -> None:
    house.release.decide_approval(asked, "approved", by=GRACE)
    house.release.record_evidence([evidence(version=1, values={"auc": 0.99})])
    with pytest.raises(GateRefused, match="other request"):
        house.registry.set_alias("churn", "champion", 1, by=ADA)


def test_an_approval_of_one_version_is_none_of_another(house: House, asked: str) -> None:
    house.release.decide_approval(asked, "approved", by=GRACE)
    house.measure(2, 0.9)
    with pytest.raises(GateRefused, match="0 of 1 approvals"):
        house.registry.set_alias("churn", "champion", 2, by=ADA)


def test_a_rejection_refuses_and_says_why(house: House, asked: str) -> None:
    house.release.decide_approval(asked, "rejected", reason="not on a Friday", by=GRACE)
    with pytest.raises(GateRefused, match="not on a Friday"):
        house.registry.set_alias("churn", "champion", 1, by=ADA)


def test_a_request_is_decided_once(house: House, asked: str) -> None:
    house.release.decide_approval(asked, "approved", by=GRACE)
    with pytest.raises(Conflict, match="approved by grace"):
        house.release.decide_approval(asked, "rejected", by=Principal(name="joan"))


def test_an_open_alias_needs_no_approval(house: House) -> None:
    with pytest.raises(BadInput, match="no gate"):
        approvals.request(house.registry, house.release, "churn", "open", 1, by=ADA)


def test_an_unknown_request_is_not_found(house: House) -> None:
    with pytest.raises(NotFound, match="nope"):
        house.release.decide_approval("nope", "approved", by=GRACE)
