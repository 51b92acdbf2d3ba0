"""Every door to an alias meets its gate, and races have one winner."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mainstay.entities.release import AliasMove, CheckResult, Verdict
from mainstay.errors import BadInput, Conflict, GateRefused, NotFound, PermissionDenied
from mainstay.promotion.audit import read, verify
from mainstay.promotion.guard import GuardedRelease
from mainstay.promotion.judgement import judge
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.release import SqlRelease
from tests.promotion.cases import ADA, DIGEST, evidence, policy
from tests.promotion.conftest import House

FLOOR = policy("kind: threshold, metric: auc, minimum: 0.85")
BETTER = policy("kind: better_than_champion, metric: auc, margin: 0.05")


def test_without_a_gate_an_alias_moves_and_is_recorded(house: House) -> None:
    house.registry.set_alias("churn", "champion", 1, reason="first", by=ADA)
    change = house.registry.alias_history("churn")[0]
    assert (change.version, change.principal, change.reason) == (1, "ada", "first")
    assert change.verdict_id is None


def test_a_version_that_meets_its_gate_moves_with_its_verdict(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.9)
    house.registry.set_alias("churn", "champion", 1, by=ADA)
    change = house.registry.alias_history("churn")[0]
    (verdict,) = house.release.list_verdicts("churn")
    assert verdict.passed
    assert change.verdict_id == verdict.verdict_id
    actions = [link.action for link in house.release.list_audit(subject="churn@champion")]
    assert actions == ["gate_policy.set", "verdict.recorded", "model_version_alias.created"]


@pytest.mark.parametrize("auc", [math.nan, math.inf, 0.2])
def test_a_refusal_moves_nothing_and_is_kept(house: House, auc: float) -> None:
    house.gate(FLOOR)
    house.measure(1, auc)
    with pytest.raises(GateRefused, match="auc threshold") as refused:
        house.registry.set_alias("churn", "champion", 1, by=ADA)
    (verdict,) = house.release.list_verdicts("churn")
    assert verdict.verdict_id in refused.value.message
    assert refused.value.status == 403
    assert not verdict.passed
    assert house.holder() is None
    assert house.registry.alias_history("churn") == []
    tried = house.release.list_audit(subject="churn@champion")[-1]
    assert (tried.action, tried.principal) == ("alias_move.refused", "ada")


def test_a_gate_for_every_model_guards_this_one(house: House) -> None:
    from mainstay.promotion.policy import digest

    house.release.set_policy("*", "champion", FLOOR, digest=digest(FLOOR))
    with pytest.raises(GateRefused):
        house.registry.set_alias("churn", "champion", 1)
    house.registry.set_alias("churn", "candidate", 1)
    assert house.holder("candidate") == 1


def test_the_move_itself_meets_the_gate_whatever_verdict_it_brings(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.1)
    forged = Verdict(
        verdict_id="forged",
        name="churn",
        alias="champion",
        version=1,
        version_digest=DIGEST,
        policy_digest="x",
        evidence_digest="y",
        baseline_version=None,
        passed=True,
        checks=[CheckResult(check="all", kind="threshold", outcome="pass")],
        at=1,
    )
    with pytest.raises(GateRefused):
        house.release.move_alias(
            AliasMove(name="churn", alias="champion", version=1, verdict=forged)
        )
    assert house.holder() is None
    assert all(item.verdict_id != "forged" for item in house.release.list_verdicts("churn"))


def test_a_rollback_is_no_way_around_the_gate(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.9)
    house.registry.set_alias("churn", "champion", 1)
    with pytest.raises(PermissionDenied, match="never held"):
        house.release.move_alias(
            AliasMove(name="churn", alias="champion", version=3, kind="rollback")
        )
    assert house.holder() == 1


def test_removing_the_alias_first_is_no_way_around_the_champion(house: House) -> None:
    house.measure(1, 0.9)
    house.measure(2, 0.5)
    house.registry.set_alias("churn", "champion", 1)
    house.gate(BETTER)
    house.registry.delete_alias("churn", "champion")
    with pytest.raises(GateRefused, match="champion v1"):
        house.registry.set_alias("churn", "champion", 2)


def test_no_champion_yet_passes_the_relative_check(house: House) -> None:
    house.gate(BETTER)
    house.registry.set_alias("churn", "champion", 1)
    (verdict,) = house.release.list_verdicts("churn")
    assert "no champion yet" in verdict.checks[0].message


def test_the_float_edge_of_a_relative_margin_promotes(house: House) -> None:
    house.measure(1, 0.80)
    house.measure(2, 0.85)
    house.registry.set_alias("churn", "champion", 1)
    house.gate(BETTER)
    house.registry.set_alias("churn", "champion", 2)
    assert house.holder() == 2


def test_evidence_relative_to_a_former_champion_does_not_promote(house: House) -> None:
    house.gate(policy("kind: better_than_champion, metric: auc"))
    house.registry.set_alias("churn", "champion", 1)
    beside = evidence(version=3, values={"auc": 0.9, "baseline": {"auc": 0.5}}, baseline_version=1)
    house.release.record_evidence([beside])
    better = evidence(version=2, values={"auc": 0.95, "baseline": {"auc": 0.5}}, baseline_version=1)
    house.release.record_evidence([better])
    house.registry.set_alias("churn", "champion", 2)
    with pytest.raises(GateRefused, match="now v2"):
        house.registry.set_alias("churn", "champion", 3)


def test_a_pending_version_does_not_promote(house: House) -> None:
    pending = house.registry.create_model_version("churn", "s3://bucket/4")
    house.gate(FLOOR)
    house.release.record_evidence([evidence(version=4, version_digest=None)])
    with pytest.raises(GateRefused, match="not hashed"):
        house.registry.set_alias("churn", "champion", pending.version)
    house.registry.set_version_digest("churn", 4, DIGEST)
    with pytest.raises(GateRefused, match="other files"):
        house.registry.set_alias("churn", "champion", 4)
    house.measure(4, 0.9)
    house.registry.set_alias("churn", "champion", 4)
    assert house.holder() == 4


def test_setting_an_alias_to_its_holder_changes_nothing_and_needs_no_gate(house: House) -> None:
    house.registry.set_alias("churn", "champion", 1)
    house.gate(FLOOR)
    house.registry.set_alias("churn", "champion", 1)
    assert house.holder() == 1


def test_a_policy_that_cannot_be_read_keeps_the_gate_shut(house: House) -> None:
    house.gate("checks:\n- kind: unheard_of")
    with pytest.raises(BadInput, match="unheard_of"):
        house.registry.set_alias("churn", "champion", 1)
    assert house.holder() is None


def test_an_unknown_version_is_not_found_before_the_gate(house: House) -> None:
    house.gate(FLOOR)
    with pytest.raises(NotFound):
        house.registry.set_alias("churn", "champion", 9)


def test_a_dry_run_writes_nothing(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.9)
    verdict = judge(house.registry, house.release, "churn", "champion", 1)
    assert verdict is not None
    assert verdict.passed
    assert house.holder() is None
    assert house.release.list_verdicts("churn") == []
    assert judge(house.registry, house.release, "churn", "open", 1) is None


@pytest.mark.parametrize("action", ["verdict.recorded", "model_version_alias.created", "user"])
def test_a_note_cannot_imitate_what_is_written_by_itself(house: House, action: str) -> None:
    with pytest.raises(BadInput, match="choose another name"):
        house.release.append_audit(action, "churn@champion", {"passed": True}, by=ADA)
    assert house.release.append_audit("review.held", "churn", {}, by=ADA).principal == "ada"


# -- races -----------------------------------------------------------------------------------


class Meddled(SqlRelease):
    """A release store on which somebody else acts just before the first move commits."""

    def __init__(self, house: House, meddle) -> None:  # type: ignore[no-untyped-def]
        super().__init__(house.database)
        self._meddle = meddle
        self.moves = 0

    def move_alias(self, move):  # type: ignore[no-untyped-def]
        self.moves += 1
        if self.moves == 1:
            self._meddle()
        return super().move_alias(move)


def guarded(house: House, meddle):  # type: ignore[no-untyped-def]
    """Return a guarded registry on a meddled store."""
    release = Meddled(house, meddle)
    return type(house.registry)(house.plain_registry, release), release


def test_a_champion_that_changes_meanwhile_is_decided_against_anew(house: House) -> None:
    for version, auc in ((1, 0.5), (2, 0.7), (3, 0.9)):
        house.measure(version, auc)
    house.registry.set_alias("churn", "champion", 1)
    house.gate(policy("kind: better_than_champion, metric: auc"))
    registry, release = guarded(
        house, lambda: house.plain_registry.set_alias("churn", "champion", 3)
    )
    with pytest.raises(GateRefused, match="champion v3"):
        registry.set_alias("churn", "champion", 2)
    assert house.holder() == 3
    assert release.moves == 1


def test_a_gate_that_is_set_meanwhile_is_met(house: House) -> None:
    registry, _ = guarded(house, lambda: house.gate(FLOOR))
    with pytest.raises(GateRefused):
        registry.set_alias("churn", "champion", 1)
    assert house.holder() is None


def test_evidence_that_arrives_meanwhile_is_read(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.9)
    worse = evidence(version=1, values={"auc": 0.1}, at=1_900_000_000_000)
    registry, _ = guarded(house, lambda: house.release.record_evidence([worse]))
    with pytest.raises(GateRefused, match="auc threshold"):
        registry.set_alias("churn", "champion", 1)
    assert house.holder() is None


def test_a_lost_race_is_decided_again_and_won(house: House) -> None:
    house.gate(FLOOR)
    house.measure(1, 0.9)
    note = evidence("note", version=1)
    registry, release = guarded(house, lambda: house.release.record_evidence([note]))
    registry.set_alias("churn", "champion", 1)
    assert house.holder() == 1
    assert release.moves == 2


def test_of_racing_promotions_that_name_the_holder_exactly_one_wins(house: House) -> None:
    for version in (1, 2, 3):
        house.measure(version, 0.9)
    house.gate(FLOOR)
    house.registry.set_alias("churn", "champion", 1)
    start = threading.Barrier(6)

    def race(version: int) -> bool:
        start.wait(timeout=120)
        try:
            house.release.move_alias(
                AliasMove(name="churn", alias="champion", version=version, expected_version=1)
            )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(race, [2, 3] * 3))
    assert won.count(True) == 1
    history = house.registry.alias_history("churn")
    assert history[0].version == 1
    assert len(history) == 2
    assert house.holder() == history[1].version


def test_racing_promotions_leave_one_chain_of_judged_moves(house: House) -> None:
    for version in (1, 2, 3):
        house.measure(version, 0.9)
    house.gate(FLOOR)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda n: house.registry.set_alias("churn", "champion", n), [1, 2, 3]))
    history = house.registry.alias_history("churn")
    assert sorted(change.version for change in history) == [1, 2, 3]
    assert [item.previous for item in history] == [None, *[item.version for item in history[:-1]]]
    assert all(change.verdict_id for change in history)


def test_racing_servers_on_one_database_have_one_winner_and_one_chain(
    house: House, database_uri: str
) -> None:
    for version in (1, 2, 3):
        house.measure(version, 0.9)
    house.gate(FLOOR)
    house.registry.set_alias("churn", "champion", 1)
    servers = [Database(database_uri) for _ in range(3)]
    start = threading.Barrier(6)

    def race(number: int) -> bool:
        server = servers[number % 3]
        release = GuardedRelease(SqlRegistry(server), SqlRelease(server))
        start.wait(timeout=120)
        try:
            release.move_alias(
                AliasMove(
                    name="churn", alias="champion", version=number % 2 + 2, expected_version=1
                )
            )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(race, range(6)))
    for server in servers:
        server.close()
    assert won.count(True) == 1
    assert len(house.registry.alias_history("churn")) == 2
    assert verify(read(house.release)).intact
