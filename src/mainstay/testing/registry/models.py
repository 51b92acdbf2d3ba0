"""The registry contract: what any registry does with registered models."""

from __future__ import annotations

import pytest

from mainstay.errors import AlreadyExists, BadInput, NotFound
from mainstay.stores.base import RegistryStore
from mainstay.testing.registry.given import Given, versions


class ModelsContract(Given):
    """What any registry does with registered models."""

    def test_a_created_model_reads_back(self, store: RegistryStore, name: str) -> None:
        made = store.create_registered_model(name, tags={"team": "risk"}, description="who leaves")
        assert store.get_registered_model(name) == made
        assert (made.name, made.description, made.tags) == (name, "who leaves", {"team": "risk"})
        assert made.latest_versions == []
        assert made.aliases == {}
        assert made.creation_timestamp == made.last_updated_timestamp > 1_600_000_000_000

    def test_a_taken_name_is_refused(self, store: RegistryStore, name: str) -> None:
        store.create_registered_model(name)
        with pytest.raises(AlreadyExists, match=name):
            store.create_registered_model(name)

    @pytest.mark.parametrize("bad", ["", "   ", "a/b", "a:b", "x" * 300])
    def test_a_name_that_cannot_be_addressed_is_refused(
        self, store: RegistryStore, bad: str
    ) -> None:
        with pytest.raises(BadInput):
            store.create_registered_model(bad)

    def test_an_unknown_model_is_not_found(self, store: RegistryStore, name: str) -> None:
        for call in (
            lambda: store.get_registered_model(name),
            lambda: store.update_registered_model(name, description="x"),
            lambda: store.delete_registered_model(name),
            lambda: store.rename_registered_model(name, name + "-new"),
            lambda: store.set_registered_model_tag(name, "k", "v"),
            lambda: store.delete_registered_model_tag(name, "k"),
            lambda: store.create_model_version(name, "s3://b/x"),
            lambda: store.get_latest_versions(name),
            lambda: store.get_version_by_alias(name, "champion"),
            lambda: store.set_alias(name, "champion", 1),
            lambda: store.delete_alias(name, "champion"),
            lambda: store.alias_history(name),
        ):
            with pytest.raises(NotFound, match=name):
                call()

    def test_a_rename_takes_versions_tags_and_aliases_along(
        self, store: RegistryStore, name: str
    ) -> None:
        versions(store, name, 2)
        store.set_alias(name, "champion", 2)
        store.set_registered_model_tag(name, "k", "v")
        renamed = store.rename_registered_model(name, name + "-new")
        assert renamed.aliases == {"champion": 2}
        assert renamed.tags == {"k": "v"}
        assert store.get_version_by_alias(name + "-new", "champion").name == name + "-new"
        assert [change.name for change in store.alias_history(name + "-new")] == [name + "-new"]
        with pytest.raises(NotFound):
            store.get_registered_model(name)

    def test_a_rename_to_a_taken_name_changes_nothing(
        self, store: RegistryStore, name: str
    ) -> None:
        store.create_registered_model(name)
        store.create_registered_model(name + "-b")
        with pytest.raises(AlreadyExists):
            store.rename_registered_model(name, name + "-b")
        assert store.get_registered_model(name).name == name

    def test_tags_are_set_overwritten_and_taken_off(self, store: RegistryStore, name: str) -> None:
        store.create_registered_model(name)
        store.set_registered_model_tag(name, "team", "risk")
        store.set_registered_model_tag(name, "team", "growth")
        store.set_registered_model_tag(name, "tier", "")
        assert store.get_registered_model(name).tags == {"team": "growth", "tier": ""}
        store.delete_registered_model_tag(name, "team")
        store.delete_registered_model_tag(name, "never there")
        assert store.get_registered_model(name).tags == {"tier": ""}

    @pytest.mark.parametrize(
        ("key", "value"),
        [("", "v"), ("a$b", "v"), ("a//b", "v"), ("k" * 251, "v"), ("k", "v" * 100_001)],
    )
    def test_a_tag_outside_the_limits_is_refused(
        self, store: RegistryStore, name: str, key: str, value: str
    ) -> None:
        versions(store, name, 1)
        with pytest.raises(BadInput):
            store.set_registered_model_tag(name, key, value)
        with pytest.raises(BadInput):
            store.set_model_version_tag(name, 1, key, value)

    def test_a_deleted_model_is_gone_and_its_name_free(
        self, store: RegistryStore, name: str
    ) -> None:
        versions(store, name, 3)
        store.set_alias(name, "champion", 3)
        store.delete_registered_model(name)
        with pytest.raises(NotFound):
            store.get_model_version(name, 1)
        store.create_registered_model(name)
        assert store.create_model_version(name, "s3://b/new").version == 1
        assert store.alias_history(name) == []

    def test_a_deleted_model_is_restored_with_the_versions_that_went_with_it(
        self, store: RegistryStore, name: str
    ) -> None:
        versions(store, name, 3)
        store.set_registered_model_tag(name, "team", "risk")
        store.set_alias(name, "champion", 3)
        store.delete_model_version(name, 2)
        store.delete_registered_model(name)
        gone = [item for item in store.list_deleted() if item.name == name]
        assert [(item.version, item.versions) for item in gone] == [(None, (1, 3))]
        back = store.restore_registered_model(name)
        assert (back.tags, back.aliases) == ({"team": "risk"}, {})
        assert store.get_model_version(name, 3).aliases == ()
        with pytest.raises(NotFound):
            store.get_model_version(name, 2)
        assert store.restore_model_version(name, 2).version == 2
        assert [change.version for change in store.alias_history(name, "champion")] == [3, None]

    def test_a_deleted_model_whose_name_is_taken_comes_back_under_another(
        self, store: RegistryStore, name: str
    ) -> None:
        versions(store, name, 2)
        store.delete_registered_model(name)
        store.create_registered_model(name)
        with pytest.raises(AlreadyExists, match="--as"):
            store.restore_registered_model(name)
        with pytest.raises(BadInput):
            store.restore_registered_model(name, new_name="a/b")
        assert store.restore_registered_model(name, new_name=name + "-old").name == name + "-old"
        assert store.get_model_version(name + "-old", 2).version == 2
        with pytest.raises(NotFound):
            store.restore_registered_model(name)

    def test_the_description_is_updated(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 1)
        assert store.update_registered_model(name, description="new").description == "new"
        assert store.update_model_version(name, 1, description="v one").description == "v one"

    @pytest.mark.parametrize("text", ["a\x00b", "\ud800", "y" * 5000])
    def test_text_that_no_database_takes_is_the_callers_mistake(
        self, store: RegistryStore, name: str, text: str
    ) -> None:
        versions(store, name, 1)
        for call in (
            lambda: store.create_registered_model(text),
            lambda: store.get_registered_model(text),
            lambda: store.create_model_version(name, "s3://" + text),
            lambda: store.set_model_version_tag(name, 1, text, "v"),
            lambda: store.set_alias(name, text, 1),
            lambda: store.get_version_by_alias(name, text),
        ):
            with pytest.raises((BadInput, NotFound)):
                call()
