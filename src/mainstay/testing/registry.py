"""The contract of registries as tests: subclass, and give a fixture ``store``.

Every test uses a model name of its own, so that one store may serve all of them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from mainstay.entities.pages import Search
from mainstay.entities.registry import ModelVersion
from mainstay.errors import AlreadyExists, BadInput, Conflict, NotFound
from mainstay.stores.base import RegistryStore

DIGEST = "ab" * 32


@pytest.fixture(name="name")
def unique_name() -> str:
    """A model name that no other test uses."""
    return f"model-{uuid4().hex[:12]}"


def versions(store: RegistryStore, name: str, count: int) -> list[ModelVersion]:
    """Create a model with so many versions."""
    store.create_registered_model(name)
    return [store.create_model_version(name, f"s3://bucket/{n + 1}") for n in range(count)]


def numbers(found: list[ModelVersion]) -> list[int]:
    """Return version numbers."""
    return [version.version for version in found]


class ModelsContract:
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


class VersionsContract:
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
        assert store.get_model_version(name, 1) == made
        assert (made.version, made.source, made.run_id) == (1, "s3://bucket/model", "0" * 32)
        assert (made.tags, made.description) == ({"a": "1", "b": "2"}, "first")
        assert (made.current_stage, made.status, made.digest) == ("None", "READY", DIGEST)
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


class AliasesContract:
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


class RegistrySearchContract:
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


class RegistryContract(ModelsContract, VersionsContract, AliasesContract, RegistrySearchContract):
    """All of it."""
