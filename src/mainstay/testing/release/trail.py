"""The release contract: every write leaves a link of the audit chain and an event."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from mainstay.entities.digests import text_digest
from mainstay.promotion.audit import read, verify
from mainstay.stores.base import RegistryStore, ReleaseStore
from mainstay.testing.release.given import POLICY, Given, events, verdict


class TrailContract(Given):
    """Every write leaves a link of the audit chain and an event."""

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
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        store.record_verdict(verdict(name, 1))
        mine = [event for event in events(store) if event.data.get("name") == name]
        # A server hears of each digest by an event of its own; a database got it with the version.
        kinds = [event.kind for event in mine if event.kind != "model_version.hashed"]
        assert kinds == [
            "registered_model.created",
            *["model_version.created"] * 3,
            "model_version_tag.set",
            "model_version_tag.deleted",
            "model_version.transitioned",
            "gate_policy.set",
            "verdict.recorded",
        ]
        ids = [event.event_id for event in mine]
        assert ids == sorted(ids)
