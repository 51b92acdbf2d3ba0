"""Experiments: named once, deleted and restored with their runs."""

from __future__ import annotations

import pytest

from mainstay.entities.pages import Search
from mainstay.errors import AlreadyExists, BadInput, InvalidState, NotFound
from mainstay.stores.base import TrackingStore
from mainstay.testing.tracking.given import Given, found, unique


class ExperimentEffects(Given):
    """What happens to experiments."""

    def test_an_experiment_is_read_by_id_and_by_name(self, store: TrackingStore) -> None:
        name = unique("by name é/日本")
        created = store.create_experiment(name, tags={"team": "risk"})
        assert created.experiment_id.isdecimal()
        assert created.lifecycle_stage == "active"
        assert created.creation_time > 0
        assert created.tags == {"team": "risk"}
        assert created.artifact_location.endswith(f"/{created.experiment_id}")
        assert store.get_experiment(created.experiment_id) == created
        assert store.get_experiment_by_name(name) == created

    def test_the_default_experiment_is_there(self, store: TrackingStore) -> None:
        assert store.get_experiment("0").name == "Default"

    def test_an_experiment_is_renamed(self, store: TrackingStore, experiment: str) -> None:
        name = unique("renamed")
        store.rename_experiment(experiment, name)
        assert store.get_experiment_by_name(name).experiment_id == experiment

    def test_tags_of_an_experiment_are_set_and_taken_off(
        self, store: TrackingStore, experiment: str
    ) -> None:
        store.set_experiment_tag(experiment, "a", "1")
        store.set_experiment_tag(experiment, "a", "2")
        store.set_experiment_tag(experiment, "b", "x" * 20_000)
        assert store.get_experiment(experiment).tags == {"a": "2", "b": "x" * 20_000}
        store.delete_experiment_tag(experiment, "b")
        assert store.get_experiment(experiment).tags == {"a": "2"}

    def test_deleting_marks_the_experiment_and_its_runs(
        self, store: TrackingStore, experiment: str
    ) -> None:
        run = store.create_run(experiment).info.run_id
        store.delete_experiment(experiment)
        assert store.get_experiment(experiment).lifecycle_stage == "deleted"
        assert store.get_run(run).info.lifecycle_stage == "deleted"
        assert found(store, experiment) == []

    def test_restoring_brings_back_only_the_runs_that_went_with_it(
        self, store: TrackingStore, experiment: str
    ) -> None:
        kept = store.create_run(experiment).info.run_id
        thrown = store.create_run(experiment).info.run_id
        store.delete_run(thrown)
        store.delete_experiment(experiment)
        store.restore_experiment(experiment)
        assert store.get_experiment(experiment).lifecycle_stage == "active"
        assert store.get_run(kept).info.lifecycle_stage == "active"
        assert store.get_run(thrown).info.lifecycle_stage == "deleted"

    def test_experiments_are_searched_by_name_tag_and_state(self, store: TrackingStore) -> None:
        mark = unique("mark")
        ids = [
            store.create_experiment(f"{mark}-{letter}", tags={"letter": letter}).experiment_id
            for letter in "abc"
        ]
        store.delete_experiment(ids[2])

        def names(text: str, **search: object) -> list[str]:
            asked = Search(filter=text, **search)  # type: ignore[arg-type]
            return [one.name[-1] for one in store.search_experiments(asked).items]

        mine = f"name LIKE '{mark}%'"
        assert names(mine) == ["b", "a"]
        assert names(mine, view="ALL", order_by=("name",)) == ["a", "b", "c"]
        assert names(mine, view="DELETED_ONLY") == ["c"]
        assert names(f"{mine} AND tags.letter = 'a'") == ["a"]
        assert names(f"{mine} AND NOT tags.letter = 'a'") == ["b"]
        assert names(f"name ILIKE '{mark.upper()}%' AND tags.letter IN ('b', 'z')") == ["b"]
        assert names(f"experiment_id = '{ids[0]}'") == ["a"]
        oldest = ("creation_time ASC", "experiment_id ASC")  # two may be of one millisecond
        assert names(f"{mine} AND tags.none IS NULL", order_by=oldest) == ["a", "b"]

    def test_experiments_are_paged_without_gaps_or_repeats(self, store: TrackingStore) -> None:
        mark = unique("paged")
        for number in range(5):
            store.create_experiment(f"{mark}-{number}")
        search = Search(filter=f"name LIKE '{mark}%'", max_results=2, order_by=("name DESC",))
        pages = [store.search_experiments(search)]
        store.create_experiment(f"{mark}-9")  # sorts before the first page
        while pages[-1].token:
            following = Search(
                filter=search.filter,
                max_results=2,
                order_by=search.order_by,
                token=pages[-1].token,
            )
            pages.append(store.search_experiments(following))
        assert [[one.name[-1] for one in page.items] for page in pages] == [
            ["4", "3"],
            ["2", "1"],
            ["0"],
        ]


class ExperimentRefusals(Given):
    """Mistakes about experiments."""

    def test_a_name_is_taken_even_by_a_deleted_experiment(
        self, store: TrackingStore, experiment: str
    ) -> None:
        name = store.get_experiment(experiment).name
        with pytest.raises(AlreadyExists, match="already exists"):
            store.create_experiment(name)
        store.delete_experiment(experiment)
        with pytest.raises(AlreadyExists, match="already exists"):
            store.create_experiment(name)

    def test_a_rename_to_a_taken_name_is_refused(
        self, store: TrackingStore, experiment: str
    ) -> None:
        with pytest.raises(AlreadyExists):
            store.rename_experiment(experiment, "Default")
        with pytest.raises(BadInput):
            store.rename_experiment(experiment, "  ")

    def test_a_bad_name_is_refused(self, store: TrackingStore) -> None:
        for name in ("", "   ", "x" * 501, "nul\x00"):
            with pytest.raises(BadInput):
                store.create_experiment(name)

    def test_an_unknown_experiment_is_not_found(self, store: TrackingStore) -> None:
        for unknown in ("987654321", "no number", "-1", "9" * 30, ""):
            with pytest.raises((NotFound, BadInput)):
                store.get_experiment(unknown)
        with pytest.raises(NotFound, match="No Experiment with id=987654321 exists"):
            store.get_experiment("987654321")
        with pytest.raises(NotFound):
            store.get_experiment_by_name(unique("unknown"))
        with pytest.raises(NotFound):
            store.create_run("987654321")

    def test_a_deleted_experiment_takes_nothing_new(
        self, store: TrackingStore, experiment: str
    ) -> None:
        store.delete_experiment(experiment)
        with pytest.raises(NotFound):
            store.delete_experiment(experiment)
        with pytest.raises(InvalidState):
            store.create_run(experiment)
        with pytest.raises(InvalidState):
            store.rename_experiment(experiment, unique("new"))
        with pytest.raises(InvalidState):
            store.set_experiment_tag(experiment, "a", "b")
        store.restore_experiment(experiment)
        with pytest.raises(NotFound):
            store.restore_experiment(experiment)

    def test_a_bad_or_missing_tag_is_refused(self, store: TrackingStore, experiment: str) -> None:
        with pytest.raises(BadInput):
            store.set_experiment_tag(experiment, "a", "x" * 20_001)
        with pytest.raises(BadInput):
            store.set_experiment_tag(experiment, "x" * 251, "a")
        with pytest.raises(NotFound):
            store.delete_experiment_tag(experiment, "none")
        assert store.get_experiment(experiment).tags == {}
