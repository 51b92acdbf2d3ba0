"""A run says which data it read, keeps them when asked, and says what cannot be read again."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mainstay
from mainstay.entities.inputs import Dataset
from mainstay.errors import BadInput, NotFound
from mainstay.spool.reports import SpoolWarning

pytestmark = pytest.mark.usefixtures("face")

FRAME = pd.DataFrame({"n": range(5000), "t": [f"row {number}" for number in range(5000)]})


def test_a_snapshot_is_the_rows_named_by_content_and_read_back() -> None:
    dataset = mainstay.data.from_pandas(FRAME, name="rows")
    kept = []
    for _ in range(2):
        with mainstay.start_run() as run:
            mainstay.log_input(dataset, context="training", snapshot=True)
        found = mainstay.get_run(run.info.run_id)
        tags = found.inputs.dataset_inputs[0].tags
        kept.append(tags["mainstay.data.snapshot"])
        assert tags["mainstay.data.snapshot.rows"] == "5000 of 5000"
        assert "mainstay.data.unreadable" not in found.data.tags
        back = mainstay.data.load_snapshot(run.info.run_id, "rows").to_pandas()
        assert mainstay.data.from_pandas(back).digest == dataset.digest
    assert kept[0] == kept[1]
    data = Path(mainstay.artifacts.download_artifacts(f"runs:/{run.info.run_id}/{kept[0]}"))
    import hashlib

    assert data.stem == hashlib.sha256(data.read_bytes()).hexdigest()


def test_a_sample_is_some_rows_and_always_the_same() -> None:
    dataset = mainstay.data.from_pandas(FRAME)
    with mainstay.start_run() as run:
        mainstay.log_input(dataset, snapshot="sample:100")
        mainstay.log_input(dataset, context="again", snapshot="sample:100")
    paths = {
        one.tags["mainstay.data.snapshot"]
        for one in mainstay.get_run(run.info.run_id).inputs.dataset_inputs
    }
    assert len(paths) == 1
    rows = mainstay.data.load_snapshot(run.info.run_id).to_pandas()
    assert len(rows) == 100
    assert rows["n"].is_monotonic_increasing
    assert rows["n"].max() > 3000
    assert set(rows["t"]) <= set(FRAME["t"])


def test_arrays_tensors_and_frames_of_other_libraries_are_kept() -> None:
    import datasets
    import polars

    many = {
        "arrays": mainstay.data.from_numpy(
            np.arange(24.0).reshape(4, 3, 2), targets=np.arange(4), name="arrays"
        ),
        "polars": mainstay.data.from_polars(polars.DataFrame({"n": [1, 2, 3, 4]}), name="polars"),
        "hub": mainstay.data.from_huggingface(
            datasets.Dataset.from_dict({"n": range(8)}).filter(lambda row: row["n"] % 2 == 0),
            name="hub",
        ),
        "mixed": mainstay.data.from_pandas(
            pd.DataFrame({"x": [1, "a", None, [2]], 5: [1, 2, 3, 4]}), name="mixed"
        ),
    }
    with mainstay.start_run() as run:
        for dataset in many.values():
            mainstay.log_input(dataset, snapshot=True)
    back = {name: mainstay.data.load_snapshot(run.info.run_id, name) for name in many}
    assert {name: table.num_rows for name, table in back.items()} == dict.fromkeys(many, 4)
    tensors = back["arrays"]["features"].combine_chunks().to_numpy_ndarray()
    assert np.array_equal(tensors, np.arange(24.0).reshape(4, 3, 2))
    assert back["hub"]["n"].to_pylist() == [0, 2, 4, 6]
    assert back["mixed"].column_names == ["x", "5"]
    with pytest.raises(NotFound, match="kept no snapshot of other; it kept arrays, polars"):
        mainstay.data.load_snapshot(run.info.run_id, "other")


def test_what_cannot_be_kept_is_said_at_the_calling_line() -> None:
    dataset = mainstay.data.from_numpy({"a": np.zeros(2), "b": np.zeros(3)})
    with mainstay.start_run():
        with pytest.raises(BadInput, match="different lengths"):
            mainstay.log_input(dataset, snapshot=True)
        with pytest.raises(BadInput, match="sample:1000"):
            mainstay.log_input(dataset, snapshot="sample:many")
        with pytest.raises(BadInput, match="only a data set with its data"):
            mainstay.log_input(dataset.record, snapshot=True)
        with pytest.raises(BadInput, match="describe it with"):
            mainstay.log_input(FRAME)


def test_a_run_says_which_sources_cannot_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "here.csv").write_text("n\n1\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with mainstay.start_run() as run:
            for name, source in {"here": "here.csv", "gone": "gone.csv", "made": None}.items():
                mainstay.log_input(mainstay.data.from_pandas(FRAME, source=source, name=name))
    tags = mainstay.get_run(run.info.run_id).data.tags
    assert tags["mainstay.data.unreadable"] == (
        "gone: there is nothing at gone.csv; made: no source was given"
    )
    said = [str(one.message) for one in caught if issubclass(one.category, SpoolWarning)]
    assert said == ["the data set 'gone' cannot be read again: there is nothing at gone.csv"]


def test_a_tag_of_ones_own_wins_over_the_version_that_is_found() -> None:
    dataset = Dataset(
        name="rows",
        digest="d1",
        source_type="delta_table",
        source='{"path": "table", "delta_table_version": 7}',
    )
    for tags, version in (({"data_version": "mine"}, "mine"), ({}, "rows@delta:7")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SpoolWarning)
            with mainstay.start_run(tags=tags) as run:
                mainstay.log_input(dataset)
        assert mainstay.get_run(run.info.run_id).data.tags["data_version"] == version


def test_a_deltas_version_names_the_data(tmp_path: Path) -> None:
    import deltalake

    for _ in range(2):
        deltalake.write_deltalake(str(tmp_path / "sales"), FRAME, mode="append")
    with mainstay.start_run() as run:
        mainstay.log_input(mainstay.data.load_delta(path=str(tmp_path / "sales"), name="sales"))
    tags = mainstay.get_run(run.info.run_id).data.tags
    assert tags["data_version"] == "sales@delta:1"
    assert "mainstay.data.unreadable" not in tags
