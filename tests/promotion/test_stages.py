"""No stage leads around a gate, no verdict is made up, and evidence counts by who recorded it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from msgspec.structs import replace

from mainstay.entities.release import Verdict
from mainstay.errors import Conflict, GateRefused, NotFound
from tests.promotion.cases import ADA, evidence, policy
from tests.promotion.conftest import House

FLOOR = policy("kind: threshold, metric: auc, minimum: 0.85")
BETTER = policy("kind: better_than_champion, metric: auc")


def stage(house: House, version: int) -> str:
    return house.registry.get_model_version("churn", version).current_stage


def test_without_a_gate_a_stage_moves_as_ever(house: House) -> None:
    house.registry.transition_stage("churn", 1, "Production", by=ADA)
    assert stage(house, 1) == "Production"
    assert house.release.list_verdicts("churn") == []


@pytest.mark.parametrize("spelling", ["Production", "production", "PRODUCTION"])
def test_production_lies_behind_every_gate_of_the_model(house: House, spelling: str) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.2)
    with pytest.raises(GateRefused, match="auc threshold"):
        house.registry.transition_stage("churn", 1, spelling, by=ADA)  # type: ignore[arg-type]
    assert stage(house, 1) == "None"
    tried = house.release.list_audit(subject="churn@champion")[-1]
    assert (tried.action, tried.principal) == ("alias_move.refused", "ada")
    assert tried.data["reason"] == "stage Production"
    house.registry.transition_stage("churn", 1, "Staging")
    house.registry.transition_stage("churn", 1, "Archived")
    house.measure(2, 0.9)
    house.registry.transition_stage("churn", 2, "Production")
    assert stage(house, 2) == "Production"
    (passed, refused) = house.release.list_verdicts("churn")
    assert (passed.version, passed.passed, refused.passed) == (2, True, False)
    moved = [e for e in house.release.list_events() if e.kind == "model_version.transitioned"][-1]
    assert moved.data["verdicts"] == [passed.verdict_id]


def test_a_stage_with_a_gate_of_its_own_asks_only_that_one(house: House) -> None:
    house.gate(FLOOR)
    house.gate(BETTER, alias="Production")
    house.gate(FLOOR, alias="Staging")
    for version, auc in ((1, 0.5), (2, 0.4), (3, 0.6)):
        house.measure(version, auc)
    house.registry.transition_stage("churn", 1, "Production")
    with pytest.raises(GateRefused, match="v1"):
        house.registry.transition_stage("churn", 2, "Production")
    house.registry.transition_stage("churn", 3, "Production", archive_existing=True)
    assert [stage(house, number) for number in (1, 2, 3)] == ["Archived", "None", "Production"]
    with pytest.raises(GateRefused):
        house.registry.transition_stage("churn", 2, "Staging")


def test_a_decision_about_a_stage_that_is_out_of_date_moves_nothing(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.9)
    decided = house.registry._decided("churn", 1, "Production", ADA)
    house.measure(1, 0.1)
    with pytest.raises(Conflict, match="evidence"):
        house.plain_registry.transition_stage("churn", 1, "Production", rests_on=decided)
    assert stage(house, 1) == "None"


def test_a_made_up_verdict_is_not_kept(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.2)
    made_up = Verdict(
        verdict_id=uuid4().hex[:16],
        name="churn",
        alias="champion",
        version=1,
        version_digest=None,
        policy_digest="",
        evidence_digest="",
        baseline_version=None,
        passed=True,
        checks=[],
        at=1,
    )
    kept = house.release.record_verdict(made_up)
    assert not kept.passed
    assert house.release.list_verdicts("churn") == [kept]
    with pytest.raises(NotFound, match="no gate"):
        house.release.record_verdict(replace(made_up, alias="candidate"))


def test_only_evidence_of_those_whom_the_policy_believes_counts(house: House) -> None:
    house.gate(FLOOR + "measured_by: [ci]\n")
    house.release.record_evidence(
        [evidence(version=1, values={"auc": 0.99}, principal="anonymous (ci)")]
    )
    with pytest.raises(GateRefused, match="no quality evidence"):
        house.registry.set_alias("churn", "champion", 1)
    house.release.record_evidence(
        [evidence(version=1, values={"auc": 0.9}, principal="ci (on build-7)")]
    )
    house.registry.set_alias("churn", "champion", 1)
    assert house.holder() == 1


def test_what_holds_a_gated_alias_is_not_deleted(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.9)
    house.registry.set_alias("churn", "champion", 1)
    with pytest.raises(Conflict, match="stands before a gate"):
        house.registry.delete_model_version("churn", 1)
    with pytest.raises(Conflict, match="stands before a gate"):
        house.registry.delete_registered_model("churn")
    house.registry.delete_alias("churn", "champion")
    house.registry.delete_model_version("churn", 1)
    assert [item.version for item in house.registry.list_deleted("churn")] == [1]
