"""The registry contract: what any registry does with aliases."""

from __future__ import annotations

import pytest

from mainstay.errors import BadInput
from mainstay.stores.base import RegistryStore
from mainstay.testing.registry.given import Given, versions


class AliasesContract(Given):
    """What any registry does with aliases."""

    def test_an_alias_points_at_one_version(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 2)
        store.set_alias(name, "champion", 1, reason="first")
        store.set_alias(name, "champion", 2, reason="better")
        store.set_alias(name, "candidate", 2)
        assert store.get_version_by_alias(name, "champion").version == 2
        assert store.get_model_version(name, 2).aliases == ("candidate", "champion")
        assert store.get_model_version(name, 1).aliases == ()
        assert store.get_registered_model(name).aliases == {"candidate": 2, "champion": 2}

    def test_the_history_says_what_moved_and_why(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 2)
        store.set_alias(name, "champion", 1, reason="first")
        store.set_alias(name, "champion", 2, reason="better")
        store.set_alias(name, "other", 1)
        store.delete_alias(name, "champion", reason="broken")
        history = store.alias_history(name, "champion")
        assert [(item.previous, item.version, item.kind, item.reason) for item in history] == [
            (None, 1, "set", "first"),
            (1, 2, "set", "better"),
            (2, None, "delete", "broken"),
        ]
        assert all(item.principal and item.at > 0 for item in history)
        assert len(store.alias_history(name)) == 4

    def test_latest_is_the_highest_version(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 3)
        assert store.get_version_by_alias(name, "latest").version == 3
        store.delete_model_version(name, 3)
        assert store.get_version_by_alias(name, "latest").version == 2

    def test_an_alias_that_nobody_holds_is_a_bad_request(
        self, store: RegistryStore, name: str
    ) -> None:
        store.create_registered_model(name)
        with pytest.raises(BadInput, match="champion"):
            store.get_version_by_alias(name, "champion")

    def test_deleting_an_alias_that_nobody_holds_is_fine(
        self, store: RegistryStore, name: str
    ) -> None:
        store.create_registered_model(name)
        store.delete_alias(name, "champion")
        assert store.alias_history(name) == []

    @pytest.mark.parametrize(
        "alias", ["", "latest", "LATEST", "v1", "V22", "a b", "a/b", "a@b", "x" * 256]
    )
    def test_an_alias_outside_the_rules_is_refused(
        self, store: RegistryStore, name: str, alias: str
    ) -> None:
        versions(store, name, 1)
        with pytest.raises(BadInput):
            store.set_alias(name, alias, 1)

    @pytest.mark.parametrize("alias", ["1", "v1a", "prod-eu_2", "x" * 255])
    def test_an_alias_within_the_rules_is_accepted(
        self, store: RegistryStore, name: str, alias: str
    ) -> None:
        versions(store, name, 1)
        store.set_alias(name, alias, 1)
        assert store.get_version_by_alias(name, alias).version == 1
