"""The registry contract: what any registry does with versions and stages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from mainstay.entities.pages import Search
from mainstay.errors import BadInput, Conflict, NotFound
from mainstay.stores.base import RegistryStore
from mainstay.testing.registry.given import DIGEST, Given, numbers, versions


class VersionsContract(Given):
    """What any registry does with versions and stages."""

    def test_a_created_version_reads_back(self, store: RegistryStore, name: str) -> None:
        store.create_registered_model(name)
        made = store.create_model_version(
            name,
            "s3://bucket/model",
            run_id="0" * 32,
            tags={"b": "2", "a": "1"},
            run_link="https://example.org/run",
            description="first",
            digest=DIGEST,
        )
        # What came of hashing the files meanwhile is no part of what was made.
        found = replace(store.get_model_version(name, 1), status_message="")
        assert found == made
        assert (made.version, made.source, made.run_id) == (1, "s3://bucket/model", "0" * 32)
        assert (made.tags, made.description) == ({"a": "1", "b": "2"}, "first")
        assert (made.current_stage, made.status) == ("None", "READY")
        # A server hashes what it did not carry itself, whatever it is told.
        assert made.digest in (DIGEST, None)
        assert made.run_link == "https://example.org/run"

    def test_numbers_count_up_and_are_never_used_twice(
        self, store: RegistryStore, name: str
    ) -> None:
        assert numbers(versions(store, name, 3)) == [1, 2, 3]
        store.delete_model_version(name, 3)
        assert store.create_model_version(name, "s3://b/4").version == 4
        with pytest.raises(NotFound):
            store.get_model_version(name, 3)

    def test_versions_created_at_once_get_different_numbers(
        self, store: RegistryStore, name: str
    ) -> None:
        store.create_registered_model(name)
        with ThreadPoolExecutor(8) as pool:
            made = pool.map(lambda n: store.create_model_version(name, f"s3://b/{n}"), range(16))
        assert sorted(version.version for version in made) == list(range(1, 17))

    def test_a_deleted_version_loses_its_aliases_and_stays_deleted(
        self, store: RegistryStore, name: str
    ) -> None:
        versions(store, name, 2)
        store.set_alias(name, "champion", 2)
        store.delete_model_version(name, 2)
        assert store.get_registered_model(name).aliases == {}
        assert [change.version for change in store.alias_history(name)] == [2, None]
        with pytest.raises(NotFound):
            store.delete_model_version(name, 2)
        found = store.search_model_versions(Search(filter=f"name = '{name}'"))
        assert numbers(found.items) == [1]

    def test_a_deleted_version_is_restored_as_it_was_without_its_aliases(
        self, store: RegistryStore, name: str
    ) -> None:
        versions(store, name, 2)
        store.set_model_version_tag(name, 2, "data", "2026-01")
        store.set_alias(name, "champion", 2)
        before = store.get_model_version(name, 2)
        store.delete_model_version(name, 2)
        assert [(item.name, item.version) for item in store.list_deleted(name)] == [(name, 2)]
        back = store.restore_model_version(name, 2)
        assert (back.source, back.tags, back.aliases) == (before.source, {"data": "2026-01"}, ())
        assert store.list_deleted(name) == []
        for number in (1, 2, 3):
            with pytest.raises(NotFound, match="restored"):
                store.restore_model_version(name, number)

    @pytest.mark.parametrize("source", ["", "  "])
    def test_a_version_without_a_source_is_refused(
        self, store: RegistryStore, name: str, source: str
    ) -> None:
        store.create_registered_model(name)
        with pytest.raises(BadInput):
            store.create_model_version(name, source)

    def test_an_unknown_version_is_not_found(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 1)
        for number in (2, 99_999_999_999):
            with pytest.raises(NotFound, match=str(number)):
                store.get_model_version(name, number)
        for call in (
            lambda: store.update_model_version(name, 2, description="x"),
            lambda: store.set_model_version_tag(name, 2, "k", "v"),
            lambda: store.delete_model_version_tag(name, 2, "k"),
            lambda: store.transition_stage(name, 2, "Staging"),
            lambda: store.set_alias(name, "champion", 2),
            lambda: store.delete_model_version(name, 2),
        ):
            with pytest.raises(NotFound):
                call()

    def test_tags_of_versions_are_set_and_taken_off(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 2)
        store.set_model_version_tag(name, 1, "checked", "yes")
        store.set_model_version_tag(name, 1, "checked", "no")
        assert store.get_model_version(name, 1).tags == {"checked": "no"}
        assert store.get_model_version(name, 2).tags == {}
        store.delete_model_version_tag(name, 1, "checked")
        store.delete_model_version_tag(name, 1, "checked")
        assert store.get_model_version(name, 1).tags == {}

    def test_a_stage_archives_who_held_it_if_asked(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 3)
        store.transition_stage(name, 1, "Production")
        store.transition_stage(name, 2, "Production")
        moved = store.transition_stage(name, 3, "Production", archive_existing=True)
        assert moved.current_stage == "Production"
        stages = [store.get_model_version(name, n).current_stage for n in (1, 2, 3)]
        assert stages == ["Archived", "Archived", "Production"]

    def test_an_unknown_stage_is_refused(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 1)
        with pytest.raises(BadInput, match="stage"):
            store.transition_stage(name, 1, "Prod")  # type: ignore[arg-type]
        with pytest.raises(BadInput):
            store.get_latest_versions(name, ["Prod"])
        with pytest.raises(BadInput):
            store.transition_stage(name, 1, "Archived", archive_existing=True)

    def test_the_latest_version_of_each_stage_is_returned(
        self, store: RegistryStore, name: str
    ) -> None:
        versions(store, name, 4)
        store.transition_stage(name, 1, "Production")
        store.transition_stage(name, 2, "Production")
        found = store.get_latest_versions(name)
        assert {(item.version, item.current_stage) for item in found} == {
            (2, "Production"),
            (4, "None"),
        }
        assert numbers(store.get_latest_versions(name, ["Production"])) == [2]
        assert store.get_latest_versions(name, ["Staging"]) == []
        assert sorted(numbers(store.get_registered_model(name).latest_versions)) == [2, 4]

    def test_a_digest_is_fixed_once(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 1)
        assert store.get_model_version(name, 1).digest is None
        store.set_version_digest(name, 1, DIGEST)
        store.set_version_digest(name, 1, DIGEST)
        with pytest.raises(Conflict):
            store.set_version_digest(name, 1, "cd" * 32)
        assert store.get_model_version(name, 1).digest == DIGEST
