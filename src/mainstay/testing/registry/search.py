"""The registry contract: what any registry finds."""

from __future__ import annotations

import pytest

from mainstay.entities.pages import Search
from mainstay.errors import BadInput
from mainstay.stores.base import RegistryStore
from mainstay.testing.registry.given import Given, numbers, versions


class RegistrySearchContract(Given):
    """What any registry finds."""

    def test_models_are_found_by_name_in_order(self, store: RegistryStore, name: str) -> None:
        for suffix in ("-b", "-a", "-C"):
            store.create_registered_model(name + suffix)
        found = store.search_registered_models(Search(filter=f"name LIKE '{name}%'"))
        assert [model.name for model in found.items] == [name + "-C", name + "-a", name + "-b"]
        exact = store.search_registered_models(Search(filter=f"name = '{name}-a'"))
        assert [model.name for model in exact.items] == [name + "-a"]
        upper = store.search_registered_models(Search(filter=f"name ILIKE '{name.upper()}-c'"))
        assert [model.name for model in upper.items] == [name + "-C"]

    def test_models_are_found_by_tag(self, store: RegistryStore, name: str) -> None:
        store.create_registered_model(name, tags={"owner": name})
        store.create_registered_model(name + "-other", tags={"owner": "somebody"})
        store.create_registered_model(name + "-bare")
        found = store.search_registered_models(Search(filter=f"tags.owner = '{name}'"))
        assert [model.name for model in found.items] == [name]
        other = store.search_registered_models(
            Search(filter=f"name LIKE '{name}%' AND tags.owner != '{name}'")
        )
        assert [model.name for model in other.items] == [name + "-other"]

    def test_pages_of_models_hold_every_model_once(self, store: RegistryStore, name: str) -> None:
        expected = [f"{name}-{n}" for n in range(7)]
        for made in expected:
            store.create_registered_model(made)
        search = Search(filter=f"name LIKE '{name}-%'", max_results=3)
        seen: list[str] = []
        token: str | None = None
        for _ in range(3):
            page = store.search_registered_models(
                Search(filter=search.filter, max_results=3, token=token)
            )
            seen += [model.name for model in page.items]
            token = page.token
        assert seen == expected
        assert token is None

    def test_versions_are_found_by_name_run_and_number(
        self, store: RegistryStore, name: str
    ) -> None:
        store.create_registered_model(name)
        for n in range(1, 5):
            store.create_model_version(
                name, f"s3://b/{name}/{n}", run_id=f"{n % 2}" * 32, tags={"parity": str(n % 2)}
            )

        def find(clause: str) -> list[int]:
            text = f"name = '{name}'" + (f" AND {clause}" if clause else "")
            return sorted(numbers(store.search_model_versions(Search(filter=text)).items))

        assert find("") == [1, 2, 3, 4]
        assert find(f"run_id = '{'1' * 32}'") == [1, 3]
        assert find(f"run_id IN ('{'1' * 32}', 'other')") == [1, 3]
        assert find("version_number > 2") == [3, 4]
        assert find("tags.parity = '0'") == [2, 4]
        assert find(f"source_path = 's3://b/{name}/2'") == [2]

    def test_versions_come_newest_first_and_in_pages(self, store: RegistryStore, name: str) -> None:
        versions(store, name, 5)
        by_number = Search(
            filter=f"name = '{name}'", order_by=("version_number DESC",), max_results=2
        )
        first = store.search_model_versions(by_number)
        assert numbers(first.items) == [5, 4]
        second = store.search_model_versions(
            Search(
                filter=by_number.filter,
                order_by=by_number.order_by,
                max_results=2,
                token=first.token,
            )
        )
        assert numbers(second.items) == [3, 2]

    @pytest.mark.parametrize(
        "text",
        ["name ==", "name = 'a' AND AND", "alias = 'x'", "nonsense", "name LIKE 3", "(" * 9000],
    )
    def test_a_filter_that_cannot_be_read_is_refused(self, store: RegistryStore, text: str) -> None:
        with pytest.raises(BadInput):
            store.search_registered_models(Search(filter=text))
        with pytest.raises(BadInput):
            store.search_model_versions(Search(filter=text))

    def test_a_foreign_token_or_order_or_size_is_refused(self, store: RegistryStore) -> None:
        for search in (
            Search(token="xx"),
            Search(order_by=("nonsense",)),
            Search(order_by=("name SIDEWAYS",)),
            Search(max_results=1_000_000),
        ):
            with pytest.raises(BadInput):
                store.search_registered_models(search)
            with pytest.raises(BadInput):
                store.search_model_versions(search)
