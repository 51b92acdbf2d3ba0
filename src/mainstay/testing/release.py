"""The contract of release stores as tests: subclass, and give the fixtures.

``store`` is the release store, ``registry`` the registry beside it, and ``second`` a release store
through which another, authenticated person speaks (by default the same store). Every test uses a
model name of its own, so that one store may serve all of them.
"""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from mainstay.entities.accounts import Principal
from mainstay.entities.digests import evidence_digest, text_digest
from mainstay.entities.events import Event
from mainstay.entities.release import (
    AliasMove,
    Approval,
    CheckResult,
    Evidence,
    Verdict,
)
from mainstay.errors import BadInput, Conflict, NotFound
from mainstay.promotion.audit import read, verify
from mainstay.stores.base import RegistryStore, ReleaseStore

DIGEST = "ab" * 32
GRACE = Principal(name="grace", authenticated=True, role="maintainer")
POLICY = "checks:\n  - kind: threshold\n    metric: auc\n    minimum: 0.5\n"


def evidence(name: str, version: int, *, kind: str = "quality", auc: float = 0.9) -> Evidence:
    """Make a measurement."""
    return Evidence(
        evidence_id=uuid4().hex,
        name=name,
        version=version,
        version_digest=DIGEST,
        kind=kind,
        values={"auc": auc, "rows": 100},
        dataset_digest="d1",
        at=1_700_000_000_000,
    )


def verdict(name: str, version: int, *, passed: bool = False) -> Verdict:
    """Make a decision."""
    outcome = "pass" if passed else "fail"
    return Verdict(
        verdict_id=uuid4().hex[:16],
        name=name,
        alias="champion",
        version=version,
        version_digest=DIGEST,
        policy_digest=text_digest(POLICY),
        evidence_digest="e" * 64,
        baseline_version=None,
        passed=passed,
        checks=[CheckResult(check="auc", kind="threshold", outcome=outcome, observed=0.4)],  # type: ignore[arg-type]
        at=1_700_000_000_000,
    )


class ReleaseContract:
    """What any release store does."""

    @pytest.fixture
    def second(self, store: ReleaseStore) -> ReleaseStore:
        """A store through which another person speaks."""
        return store

    @pytest.fixture
    def name(self, registry: RegistryStore) -> str:
        """A model with three hashed versions."""
        name = f"model-{uuid4().hex[:12]}"
        registry.create_registered_model(name)
        for n in (1, 2, 3):
            registry.create_model_version(name, f"s3://bucket/{n}", digest=DIGEST)
        return name

    @pytest.fixture
    def request_for(self, store: ReleaseStore, name: str) -> Approval:
        """A pending request to approve version 1."""
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        return store.request_approval(
            Approval(
                approval_id=uuid4().hex[:16],
                name=name,
                alias="champion",
                version=1,
                version_digest=DIGEST,
                policy_digest=text_digest(POLICY),
                evidence_digest=evidence_digest([]),
                requested_by="ada",
                requested_at=1_700_000_000_000,
            )
        )

    # -- evidence ----------------------------------------------------------------------------
    def test_evidence_reads_back_oldest_first(self, store: ReleaseStore, name: str) -> None:
        kept = store.record_evidence([evidence(name, 1), evidence(name, 1, kind="latency")])
        store.record_evidence([evidence(name, 2)])
        assert store.list_evidence(name, 1) == kept
        assert [item.kind for item in kept] == ["quality", "latency"]

    def test_evidence_is_kept_once(self, store: ReleaseStore, name: str) -> None:
        item = evidence(name, 1)
        store.record_evidence([item])
        store.record_evidence([item])
        assert len(store.list_evidence(name, 1)) == 1

    def test_numbers_that_json_lacks_are_kept(self, store: ReleaseStore, name: str) -> None:
        store.record_evidence([evidence(name, 1, auc=math.nan)])
        store.record_evidence([evidence(name, 1, auc=math.inf)])
        values = [item.values["auc"] for item in store.list_evidence(name, 1)]
        assert [str(float(value)) for value in values] == ["nan", "inf"]

    def test_evidence_of_an_unknown_version_is_refused(
        self, store: ReleaseStore, name: str
    ) -> None:
        with pytest.raises(NotFound):
            store.record_evidence([evidence(name, 1), evidence(name, 9)])
        assert store.list_evidence(name, 1) == []

    # -- policies ----------------------------------------------------------------------------
    def test_a_models_own_gate_goes_before_that_of_every_model(
        self, store: ReleaseStore, name: str
    ) -> None:
        alias = f"a-{uuid4().hex[:8]}"
        assert store.get_policy(name, alias) is None
        store.set_policy("*", alias, POLICY, digest=text_digest(POLICY))
        found = store.get_policy(name, alias)
        assert found is not None
        assert (found.name, found.text, found.digest) == ("*", POLICY, text_digest(POLICY))
        own = POLICY.replace("0.5", "0.7")
        store.set_policy(name, alias, own, digest=text_digest(own))
        assert store.get_policy(name, alias).text == own  # type: ignore[union-attr]
        assert {item.name for item in store.list_policies() if item.alias == alias} == {"*", name}
        store.set_policy(name, alias, "", digest=text_digest(""))
        assert store.get_policy(name, alias).name == "*"  # type: ignore[union-attr]
        store.set_policy("*", alias, "", digest=text_digest(""))
        assert store.get_policy(name, alias) is None

    def test_a_gate_may_stand_before_a_model_exists_and_outlives_it(
        self, store: ReleaseStore, registry: RegistryStore
    ) -> None:
        name = f"model-{uuid4().hex[:12]}"
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        registry.create_registered_model(name)
        registry.delete_registered_model(name)
        assert store.get_policy(name, "champion") is not None

    def test_a_gate_goes_with_a_renamed_model(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        registry.rename_registered_model(name, name + "-new")
        assert store.get_policy(name + "-new", "champion") is not None

    @pytest.mark.parametrize("alias", ["latest", "v1", "a b", ""])
    def test_a_gate_before_no_alias_is_refused(
        self, store: ReleaseStore, name: str, alias: str
    ) -> None:
        with pytest.raises(BadInput):
            store.set_policy(name, alias, POLICY, digest=text_digest(POLICY))

    # -- verdicts ----------------------------------------------------------------------------
    def test_verdicts_read_back_newest_first(self, store: ReleaseStore, name: str) -> None:
        first, second = verdict(name, 1), verdict(name, 2, passed=True)
        store.record_verdict(first)
        store.record_verdict(second)
        assert store.list_verdicts(name) == [second, first]
        assert store.list_verdicts(name, version=1) == [first]
        assert store.list_verdicts(name, alias="other") == []
        assert [check.check for check in first.failed] == ["auc"]

    def test_a_verdict_about_an_unknown_version_is_refused(
        self, store: ReleaseStore, name: str
    ) -> None:
        with pytest.raises(NotFound):
            store.record_verdict(verdict(name, 9))

    # -- approvals ---------------------------------------------------------------------------
    def test_a_request_is_approved_by_another_person(
        self, store: ReleaseStore, second: ReleaseStore, request_for: Approval, name: str
    ) -> None:
        assert request_for.state == "pending"
        assert request_for in store.list_approvals(name=name, state="pending")
        decided = second.decide_approval(
            request_for.approval_id, "approved", reason="looks right", by=GRACE
        )
        assert (decided.state, decided.decided_by) == ("approved", "grace")
        assert decided.reason == "looks right"
        assert decided.decided_at is not None
        assert store.list_approvals(name=name) == [decided]

    def test_a_request_is_decided_once(self, second: ReleaseStore, request_for: Approval) -> None:
        second.decide_approval(request_for.approval_id, "rejected", by=GRACE)
        with pytest.raises(Conflict, match="rejected"):
            second.decide_approval(request_for.approval_id, "approved", by=GRACE)

    def test_an_unknown_request_is_not_found(self, second: ReleaseStore) -> None:
        with pytest.raises(NotFound):
            second.decide_approval("nope", "approved", by=GRACE)

    # -- the move ----------------------------------------------------------------------------
    def test_a_move_writes_alias_history_audit_and_event(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        change = store.move_alias(
            AliasMove(name=name, alias="champion", version=1, expected_version=None, reason="go")
        )
        assert (change.previous, change.version, change.kind) == (None, 1, "set")
        assert registry.get_version_by_alias(name, "champion").version == 1
        assert registry.alias_history(name) == [change]
        links = store.list_audit(subject=f"{name}@champion")
        assert [link.action for link in links] == ["model_version_alias.created"]
        assert links[0].data["reason"] == "go"
        kinds = [event.kind for event in self.events(store) if event.subject == f"{name}@champion"]
        assert kinds == ["model_version_alias.created"]

    def test_a_move_without_a_version_removes_the_alias(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        store.move_alias(AliasMove(name=name, alias="champion", version=1))
        change = store.move_alias(
            AliasMove(name=name, alias="champion", version=None, expected_version=1, kind="delete")
        )
        assert (change.previous, change.version, change.kind) == (1, None, "delete")
        assert registry.get_registered_model(name).aliases == {}

    def test_a_wrong_expectation_writes_nothing(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        store.record_evidence([evidence(name, 2)])
        store.move_alias(AliasMove(name=name, alias="champion", version=1))
        before = len(store.list_audit(subject=f"{name}@champion"))
        wrong: list[dict[str, object]] = [
            {"expected_version": None},
            {"expected_version": 3},
            {"version_digest": "cd" * 32},
            {"version_digest": None},
            {"evidence_digest": "0" * 64},
            {"policy_digest": "0" * 64},
        ]
        for expectation in wrong:
            with pytest.raises(Conflict):
                store.move_alias(
                    AliasMove(name=name, alias="champion", version=2, **expectation)  # type: ignore[arg-type]
                )
        assert registry.get_version_by_alias(name, "champion").version == 1
        assert len(registry.alias_history(name)) == 1
        assert len(store.list_audit(subject=f"{name}@champion")) == before

    def test_right_expectations_move_the_alias(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        store.record_evidence([evidence(name, 2), evidence(name, 1)])
        store.move_alias(AliasMove(name=name, alias="champion", version=1))
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        change = store.move_alias(
            AliasMove(
                name=name,
                alias="champion",
                version=2,
                expected_version=1,
                version_digest=DIGEST,
                evidence_digest=evidence_digest(store.list_evidence(name, 2)),
                policy_digest=text_digest(POLICY),
            )
        )
        assert (change.previous, change.version) == (1, 2)
        assert registry.get_version_by_alias(name, "champion").version == 2

    def test_a_move_to_an_unknown_version_is_not_found(
        self, store: ReleaseStore, name: str
    ) -> None:
        with pytest.raises(NotFound):
            store.move_alias(AliasMove(name=name, alias="champion", version=9))
        with pytest.raises(NotFound):
            store.move_alias(AliasMove(name=name + "-no", alias="champion", version=1))

    def test_of_racing_moves_that_expect_the_same_holder_one_wins(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        store.move_alias(AliasMove(name=name, alias="champion", version=1))
        start = threading.Barrier(8)

        def race(version: int) -> bool:
            start.wait(timeout=60)
            try:
                store.move_alias(
                    AliasMove(name=name, alias="champion", version=version, expected_version=1)
                )
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(race, [2, 3] * 4))
        assert won.count(True) == 1
        history = registry.alias_history(name, "champion")
        assert len(history) == 2
        assert registry.get_version_by_alias(name, "champion").version == history[-1].version

    def test_the_history_of_racing_moves_is_one_chain(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(
                pool.map(
                    lambda n: store.move_alias(
                        AliasMove(name=name, alias="champion", version=n % 3 + 1)
                    ),
                    range(24),
                )
            )
        history = registry.alias_history(name, "champion")
        assert len(history) == 24
        assert [item.previous for item in history[1:]] == [item.version for item in history[:-1]]

    # -- audit and events --------------------------------------------------------------------
    def test_the_audit_chain_of_parallel_writers_is_whole(
        self, store: ReleaseStore, name: str
    ) -> None:
        with ThreadPoolExecutor(8) as pool:
            made = list(
                pool.map(
                    lambda n: store.append_audit(
                        "test.note", f"{name}/notes", {"n": n, "f": 0.1 * n}
                    ),
                    range(40),
                )
            )
        assert len({entry.sequence for entry in made}) == 40
        found = verify(read(store))
        assert found.problems == []
        assert found.links >= 40
        assert {link.data["n"] for link in store.list_audit(subject=f"{name}/notes")} == set(
            range(40)
        )

    def test_the_audit_is_read_in_pages(self, store: ReleaseStore, name: str) -> None:
        for n in range(5):
            store.append_audit("test.note", f"{name}/notes", {"n": n})
        first = store.list_audit(subject=f"{name}/notes", limit=2)
        second = store.list_audit(subject=f"{name}/notes", limit=2, after=first[-1].sequence)
        assert [link.data["n"] for link in [*first, *second]] == [0, 1, 2, 3]

    def test_every_write_leaves_an_event_in_order(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        registry.set_model_version_tag(name, 1, "k", "v")
        registry.delete_model_version_tag(name, 1, "k")
        registry.transition_stage(name, 1, "Staging")
        store.record_verdict(verdict(name, 1))
        mine = [event for event in self.events(store) if event.data.get("name") == name]
        assert [event.kind for event in mine] == [
            "registered_model.created",
            *["model_version.created"] * 3,
            "model_version_tag.set",
            "model_version_tag.deleted",
            "model_version.transitioned",
            "verdict.recorded",
        ]
        ids = [event.event_id for event in mine]
        assert ids == sorted(ids)

    @staticmethod
    def events(store: ReleaseStore) -> list[Event]:
        """Return every event, page by page."""
        found: list[Event] = []
        after = 0
        while page := store.list_events(after=after, limit=500):
            found += page
            after = page[-1].event_id
        return found
