"""The release contract: an alias moves as a whole, if everything is as expected, or not at all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mainstay.entities.digests import evidence_digest, text_digest
from mainstay.entities.release import AliasMove
from mainstay.errors import Conflict, NotFound
from mainstay.stores.base import RegistryStore, ReleaseStore
from mainstay.testing.release.given import DIGEST, POLICY, Given, events, evidence


class MovesContract(Given):
    """An alias moves as a whole, if everything is as expected, or not at all."""

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
        kinds = [event.kind for event in events(store) if event.subject == f"{name}@champion"]
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
