"""Batch scoring: same predictions as online to the last bit, and no row lost or half written."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mainstay.connect import Stores, connect
from mainstay.errors import BadInput
from mainstay.models.loading import load_model
from mainstay.models.predictor import PyFuncModel
from mainstay.models.saving import Package, save_model
from mainstay.packaging.inference import infer_signature
from mainstay.scoring.batch import Job, RowNotScored, score
from mainstay.scoring.run import run
from mainstay.serving.served import ServedModel
from tests.serving.support import command

GENERATOR = np.random.default_rng(3)
ROWS = pd.DataFrame(
    {
        "age": GENERATOR.normal(40, 12, 500),
        "visits": GENERATOR.integers(0, 30, 500),
        "town": GENERATOR.choice(["Ulm", "Bonn", "Köln"], 500),
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A regression with text, whole numbers and fractions among its columns."""
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["town"]), (StandardScaler(), ["age", "visits"])
    )
    pipeline = make_pipeline(columns, LinearRegression())
    target = ROWS["age"] * 0.7 + ROWS["visits"] + (ROWS["town"] == "Ulm")
    pipeline.fit(ROWS, target + GENERATOR.normal(0, 1, 500))
    path = tmp_path_factory.mktemp("model") / "model"
    save_model(
        pipeline,
        path,
        Package(signature=infer_signature(ROWS, pipeline.predict(ROWS)), input_example=ROWS[:2]),
    )
    return path


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    stores = connect(f"sqlite:///{tmp_path}/mainstay.db")
    yield stores
    stores.close()


@pytest.fixture
def model(folder: Path, stores: Stores) -> PyFuncModel:
    return load_model(str(folder), stores=stores)


def scores(path: Path) -> list[float]:
    found: list[float] = pq.read_table(path).column("prediction").to_pylist()
    return found


@pytest.mark.parametrize("batch_size", [1, 7, 20_000])
def test_batch_and_online_predictions_are_equal_bit_for_bit(
    model: PyFuncModel, tmp_path: Path, batch_size: int
) -> None:
    served = ServedModel(model, name="model", version=None)
    ROWS.to_parquet(tmp_path / "rows.parquet")
    job = Job(
        source=tmp_path / "rows.parquet",
        destination=tmp_path / "scores.parquet",
        batch_size=batch_size,
    )
    assert score(model, job).rows == len(ROWS)
    found = scores(tmp_path / "scores.parquet")

    online: list[float] = []
    for start in range(0, len(ROWS), batch_size):
        part = ROWS[start : start + batch_size]
        body = json.dumps({"dataframe_split": part.to_dict("split")}).encode()
        online += json.loads(served.answer("application/json", body, "x").body)["predictions"]
    assert np.array(online).tobytes() == np.array(found).tobytes()


def test_csv_parquet_and_their_bodies_all_give_the_same(model: PyFuncModel, tmp_path: Path) -> None:
    served = ServedModel(model, name="model", version=None)
    ROWS.to_parquet(tmp_path / "rows.parquet")
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    found = []
    for kind, media in (("parquet", "application/vnd.apache.parquet"), ("csv", "text/csv")):
        source, destination = tmp_path / f"rows.{kind}", tmp_path / f"{kind}.parquet"
        score(model, Job(source=source, destination=destination))
        found.append(scores(destination))
        body = served.answer(media, source.read_bytes(), "x").body
        found.append(json.loads(body)["predictions"])
    assert found[0] == found[1] == found[2] == found[3]


def spoil(path: Path) -> None:
    lines = ["age,visits,town", "40,3,Ulm", "old,3,Ulm", "41,2.5,Bonn", "42,1,Bonn", ",1,Bonn"]
    path.write_text("\n".join(lines) + "\n")


def test_a_row_that_cannot_be_scored_ends_the_job_and_is_named(
    model: PyFuncModel, tmp_path: Path
) -> None:
    spoil(tmp_path / "rows.csv")
    job = Job(source=tmp_path / "rows.csv", destination=tmp_path / "scores.parquet")
    with pytest.raises(RowNotScored, match=r"row 1 of .*rows\.csv .*column 'age'"):
        score(model, job)
    assert [path.name for path in tmp_path.iterdir() if "scores" in path.name] == []


def test_rejects_go_to_their_file_and_the_others_are_scored(
    model: PyFuncModel, tmp_path: Path
) -> None:
    spoil(tmp_path / "rows.csv")
    job = Job(
        source=tmp_path / "rows.csv",
        destination=tmp_path / "scores.parquet",
        rejects=tmp_path / "rejects.jsonl",
        keep=("town",),
    )
    done = score(model, job)
    assert (done.rows, done.rejected) == (2, 3)
    table = pq.read_table(tmp_path / "scores.parquet")
    assert table.column_names == ["row", "town", "prediction"]
    assert table.column("row").to_pylist() == [0, 3]
    assert table.column("town").to_pylist() == ["Ulm", "Bonn"]
    rejects = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert [reject["row"] for reject in rejects] == [1, 2, 4]
    assert ["age" in rejects[0]["reason"], "visits" in rejects[1]["reason"]] == [True, True]
    assert json.loads(rejects[0]["values"]) == {"age": "old", "visits": "3", "town": "Ulm"}


def test_the_output_names_the_version_that_made_it(
    folder: Path, stores: Stores, tmp_path: Path
) -> None:
    stores.registry.create_registered_model("churn")
    stores.registry.create_model_version("churn", str(folder))
    stores.registry.set_alias("churn", "champion", 1)
    ROWS.to_parquet(tmp_path / "rows.parquet")
    job = Job(source=tmp_path / "rows.parquet", destination=tmp_path / "scores.parquet")
    done = run("models:/churn@champion", stores, job)
    assert (done.name, done.version, done.rows) == ("churn", 1, 500)
    told = pq.read_schema(tmp_path / "scores.parquet").metadata
    assert told[b"mainstay.model"] == b"churn"
    assert told[b"mainstay.version"] == b"1"


def test_an_empty_input_gives_an_empty_output(model: PyFuncModel, tmp_path: Path) -> None:
    ROWS[:0].to_parquet(tmp_path / "rows.parquet")
    job = Job(source=tmp_path / "rows.parquet", destination=tmp_path / "scores.parquet")
    assert score(model, job).rows == 0
    assert pq.read_table(tmp_path / "scores.parquet").num_rows == 0


def test_a_column_to_keep_that_is_not_there_is_refused(model: PyFuncModel, tmp_path: Path) -> None:
    ROWS.to_parquet(tmp_path / "rows.parquet")
    job = Job(
        source=tmp_path / "rows.parquet", destination=tmp_path / "scores.parquet", keep=("id",)
    )
    with pytest.raises(BadInput, match="'id'"):
        score(model, job)


def test_the_command_scores_a_file_and_says_how(folder: Path, tmp_path: Path) -> None:
    ROWS.to_parquet(tmp_path / "rows.parquet")
    done = subprocess.run(
        command("score", "-m", str(folder), "-i", "rows.parquet", "-o", "scores.csv", "--json"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 500
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 501


def test_the_command_fails_in_words_with_1_or_2(folder: Path, tmp_path: Path) -> None:
    spoil(tmp_path / "rows.csv")

    def call(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            command("score", *arguments), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    code, said = call("-m", str(folder), "-i", "rows.csv", "-o", "out.csv")
    assert (code, "row 1" in said, "'age'" in said) == (1, True, True)
    code, said = call("-m", str(folder), "-i", "none.csv", "-o", "out.csv")
    assert (code, "none.csv" in said) == (1, True)
    code, said = call("-m", str(folder), "-i", "rows.csv", "-o", "out.xls")
    assert (code, "--format" in said) == (2, True)
    assert call("-i", "rows.csv")[0] == 2


def test_a_classifier_with_probabilities_is_scored_in_a_column_each(
    stores: Stores, tmp_path: Path
) -> None:
    features = ROWS[["age", "visits"]]
    classifier = LogisticRegression().fit(features, ROWS["town"])
    save_model(
        classifier,
        tmp_path / "model",
        Package(
            signature=infer_signature(features, classifier.predict_proba(features)),
            options={"pyfunc_predict_fn": "predict_proba"},
        ),
    )
    pyarrow.csv.write_csv(pa.Table.from_pandas(features), tmp_path / "rows.csv")
    job = Job(source=tmp_path / "rows.csv", destination=tmp_path / "scores.parquet")
    score(load_model(str(tmp_path / "model"), stores=stores), job)
    table = pq.read_table(tmp_path / "scores.parquet")
    assert table.column_names == ["prediction_0", "prediction_1", "prediction_2"]
    sums = sum(np.array(table.column(at)) for at in range(3))
    assert np.allclose(sums, 1.0)
