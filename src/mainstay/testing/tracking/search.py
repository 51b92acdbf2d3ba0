"""The search of runs: the grammar, the order, the pages."""

from __future__ import annotations

import math

import pytest

from mainstay.entities.inputs import Dataset, DatasetInput
from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.errors import BadInput
from mainstay.stores.base import TrackingStore
from mainstay.testing.tracking.given import Given, found

CASES = [
    ("", "abcd"),
    ("metrics.auc > 0.55", "bc"),
    ("metrics.auc >= 0.6 AND metrics.auc < 0.7", "b"),
    ("metric.auc = 0.6", "b"),
    ("metrics.auc != 0.6", "acd"),  # NaN is not 0.6
    ("metrics.`val loss` <= -1", "a"),
    ('metrics."val loss" <= -1', "a"),
    ("metrics.auc IN (0.5, 0.6)", "ab"),
    ("metrics.auc IS NULL", ""),
    ("metrics.none IS NULL", "abcd"),
    ("params.depth = '3'", "a"),
    ("params.depth != '3'", "b"),  # only runs that have the key
    ("parameters.depth IN ('3', '4')", "ab"),
    ("params.depth IS NULL", "cd"),
    ("params.depth IS NOT NULL", "ab"),
    ("NOT params.depth = '3'", "bcd"),
    ("params.text LIKE 'Ab%'", "a"),
    ("params.text ILIKE 'aB%'", "ab"),
    ("params.text LIKE 'a\\%'", "c"),  # a backslash is itself
    ("params.text ILIKE 'É_'", "d"),
    ("tags.team = 'risk' OR tags.team = 'ads'", "abc"),
    ("(tags.team = 'risk' OR tags.team = 'ads') AND metrics.auc > 0.55", "bc"),
    ("tags.team = 'risk' OR tags.team = 'ads' AND metrics.auc > 0.65", "abc"),
    ("NOT (tags.team = 'risk' OR params.depth IS NULL)", ""),
    ("tag.mlflow.runName = 'c'", "c"),
    ("status = 'FINISHED'", "a"),
    ("attributes.status != 'FINISHED'", "bcd"),
    ("attr.run_name IN ('a', 'd')", "ad"),
    ("run_name LIKE '%'", "abcd"),
    ("start_time > 1001 AND attributes.start_time <= 1003", "cd"),
    ("Created < 1001", "a"),
    ("end_time > 0", "a"),
    ("duration >= 500", "a"),
    ("user_id = 'ada'", "abcd"),
    ("dataset.name = 'wine'", "b"),
    ("datasets.digest LIKE 'd%' AND dataset.context = 'training'", "b"),
    ("dataset.context = 'test'", ""),
    ("AND metrics.auc > 0.6 AND", "c"),
    ("tags.quote = 'it''s'", "a"),
    ('tags.quote = "it\'s"', "a"),
]


class SearchEffects(Given):
    """What a search finds."""

    @pytest.fixture
    def filled(self, store: TrackingStore, experiment: str) -> str:
        """Return an experiment of four runs named a to d."""
        made = {
            name: store.create_run(
                experiment, run_name=name, user_id="ada", start_time=1000 + number
            ).info.run_id
            for number, name in enumerate("abcd")
        }
        store.log_batch(
            made["a"],
            metrics=[Metric("auc", 0.9, 1, 1), Metric("auc", 0.5, 2, 2), Metric("val loss", -1, 1)],
            params={"depth": "3", "text": "Abc"},
            tags={"team": "risk", "quote": "it's"},
        )
        store.log_batch(
            made["b"],
            metrics=[Metric("auc", 0.6, 1)],
            params={"depth": "4", "text": "aBc"},
            tags={"team": "risk"},
        )
        store.log_batch(
            made["c"],
            metrics=[Metric("auc", 0.7, 1)],
            params={"text": "a\\b"},
            tags={"team": "ads"},
        )
        store.log_batch(made["d"], metrics=[Metric("auc", math.nan, 1)], params={"text": "éa"})
        dataset = Dataset(name="wine", digest="d1", source_type="local", source="{}")
        store.log_inputs(
            made["b"],
            datasets=[DatasetInput(dataset=dataset, tags={"mlflow.data.context": "training"})],
        )
        store.update_run(made["a"], status="FINISHED", end_time=2000)
        return experiment

    def test_every_form_of_condition_finds_what_it_says(
        self, store: TrackingStore, filled: str
    ) -> None:
        wrong = {}
        for text, names in CASES:
            answer = "".join(sorted(found(store, filled, text)))
            if answer != names:
                wrong[text] = (answer, names)
        assert wrong == {}

    def test_the_newest_run_comes_first(self, store: TrackingStore, filled: str) -> None:
        assert found(store, filled) == ["d", "c", "b", "a"]

    def test_nan_then_missing_values_come_last_in_both_directions(
        self, store: TrackingStore, filled: str
    ) -> None:
        store.create_run(filled, run_name="e", start_time=900)
        ascending = found(store, filled, order_by=("metrics.auc",))
        descending = found(store, filled, order_by=("metrics.auc DESC",))
        assert ascending == ["a", "b", "c", "d", "e"]
        assert descending == ["c", "b", "a", "d", "e"]

    def test_several_fields_order_one_after_the_other(
        self, store: TrackingStore, filled: str
    ) -> None:
        order = ("tags.team DESC", "params.`depth` DESC", "attributes.start_time ASC")
        assert found(store, filled, order_by=order) == ["b", "a", "c", "d"]
        assert found(store, filled, order_by=("run_name", "run_name DESC")) == ["a", "b", "c", "d"]
        assert found(store, filled, order_by=("end_time", "Created")) == ["a", "b", "c", "d"]

    def test_a_search_can_span_experiments_or_none(self, store: TrackingStore, filled: str) -> None:
        other = store.create_experiment(f"other of {filled}").experiment_id
        store.create_run(other, run_name="z", start_time=1)
        both = store.search_runs([filled, other], Search())
        assert [run.info.run_name for run in both.items] == ["d", "c", "b", "a", "z"]
        assert store.search_runs([], Search()).items == []
        assert store.search_runs(["99999999"], Search()).items == []

    def test_deleted_runs_are_found_when_asked_for(self, store: TrackingStore, filled: str) -> None:
        gone = store.search_runs([filled], Search(filter="run_name = 'c'")).items[0]
        store.delete_run(gone.info.run_id)
        assert found(store, filled) == ["d", "b", "a"]
        assert found(store, filled, view="DELETED_ONLY") == ["c"]
        assert found(store, filled, view="ALL") == ["d", "c", "b", "a"]

    def test_a_found_run_is_whole(self, store: TrackingStore, filled: str) -> None:
        (run,) = store.search_runs([filled], Search(filter="run_name = 'b'")).items
        assert run == store.get_run(run.info.run_id)
        assert run.data.metrics == {"auc": 0.6}
        assert run.inputs.dataset_inputs[0].dataset.name == "wine"

    @pytest.mark.parametrize(
        "order_by",
        [(), ("metrics.auc DESC",), ("metrics.auc", "params.depth"), ("end_time DESC",)],
    )
    def test_pages_neither_repeat_nor_skip_while_runs_are_added(
        self, store: TrackingStore, filled: str, order_by: tuple[str, ...]
    ) -> None:
        whole = found(store, filled, order_by=order_by)
        collected: list[str] = []
        token: str | None = None
        for number in range(10):
            search = Search(order_by=order_by, max_results=1, token=token)
            page = store.search_runs([filled], search)
            collected += [run.info.run_name for run in page.items]
            token = page.token
            if token is None:
                break
            store.create_run(filled, run_name=f"new {number}", start_time=1000 + 100 * number)
        assert [name for name in collected if not name.startswith("new")] == whole
        assert len(set(collected)) == len(collected)


class SearchRefusals(Given):
    """Searches that cannot be read."""

    @pytest.mark.parametrize(
        "text",
        [
            "metrics.auc",
            "metrics.auc >",
            "metrics.auc > 'text'",
            "metrics.auc == 1",
            "metrics.auc LIKE '1'",
            "params.depth = 3",
            "params.depth > '3'",
            "params.depth BETWEEN 1 AND 2",
            "tags.a = 'unclosed",
            "(tags.a = '1'",
            "tags.a = '1')",
            "unknown.a = '1'",
            "colour = 'red'",
            "dataset.source = 'x'",
            "status = 'a' status = 'b'",
            "run_id IN ()",
            "OR",
            "(" * 500,
            "NOT " * 500 + "status = 'a'",
            "x" * 60_000,
        ],
    )
    def test_a_filter_outside_the_grammar_is_refused(
        self, store: TrackingStore, experiment: str, text: str
    ) -> None:
        with pytest.raises(BadInput):
            store.search_runs([experiment], Search(filter=text))

    def test_an_order_outside_the_grammar_is_refused(
        self, store: TrackingStore, experiment: str
    ) -> None:
        for clause in ("metrics.a SIDEWAYS", "colour", "", "metrics.a DESC, b", "dataset.name"):
            with pytest.raises(BadInput):
                store.search_runs([experiment], Search(order_by=(clause,)))

    def test_a_bad_page_is_refused(self, store: TrackingStore, experiment: str) -> None:
        for _ in range(2):
            store.create_run(experiment)
        token = store.search_runs([experiment], Search(max_results=1)).token
        assert token is not None
        for bad in ("nonsense", token[:-8] + "AAAAAAA=", token[4:]):
            with pytest.raises(BadInput):
                store.search_runs([experiment], Search(token=bad, max_results=1))
        with pytest.raises(BadInput, match="another search"):
            store.search_runs([experiment], Search(token=token, filter="status = 'RUNNING'"))
        for size in (0, -1, 50_001):
            with pytest.raises(BadInput):
                store.search_runs([experiment], Search(max_results=size))
        with pytest.raises(BadInput):
            store.search_experiments(Search(max_results=0))

    def test_numbers_beyond_whole_numbers_are_compared_as_they_are(
        self, store: TrackingStore, experiment: str
    ) -> None:
        store.create_run(experiment, run_name="a", start_time=1)
        for text, names in (
            ("start_time > 0.5", ["a"]),
            ("start_time > 1.5", []),
            ("start_time IN (1.5, 1)", ["a"]),
            ("start_time < 1e300", ["a"]),
            ("start_time < 1e999", ["a"]),
            ("start_time > 99999999999999999999999999", []),
            ("end_time != 1", []),
        ):
            assert found(store, experiment, text) == names
