"""A registry with two versions made on known data, on a database and on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mainstay
from mainstay.connect import connect
from mainstay.connect.stores import Stores
from tests.support.server import RunningServer

RAW = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Made(NamedTuple):
    """What was logged: run ids, and the digests of raw and clean data."""

    stores: Stores
    runs: tuple[str, str]
    raw: str
    clean: str


@pytest.fixture(scope="module", params=["database", "server"])
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """``churn`` 1 is made from clean data; 2 started from it, with another signature."""
    place = tmp_path_factory.mktemp("provenance")
    patch = pytest.MonkeyPatch()
    patch.setenv("MAINSTAY_SPOOL_DIR", str(place / "spool"))
    patch.setenv("MAINSTAY_CACHE_DIR", str(place / "cache"))
    if request.param == "server":
        with RunningServer(place) as server:
            yield from _made(server.url)
    else:
        yield from _made(f"sqlite:///{place}/mainstay.db")
    patch.undo()


def _made(address: str) -> Iterator[Made]:
    mainstay.set_tracking_uri(address)
    raw = mainstay.data.from_pandas(RAW, name="raw")
    clean = mainstay.data.from_pandas(RAW * 2, name="clean")
    tags = mainstay.data.made_by("jobs/clean.py", [raw])
    with mainstay.start_run(run_name="first") as first:
        mainstay.log_input(clean, context="training", tags=tags)
        mainstay.log_params({"c": 1, "kept": "same"})
        mainstay.log_metrics({"auc": 0.8, "odd": float("nan")})
        mainstay.set_tag("mlflow.source.git.commit", COMMIT)
        mainstay.set_tag("mlflow.source.git.repoURL", "https://git.example.org/churn")
        logged = mainstay.sklearn.log_model(
            LogisticRegression().fit(RAW, [0, 0, 1, 1]),
            name="model",
            input_example=RAW,
            registered_model_name="churn",
            pip_requirements=["scikit-learn==1.7.0", "numpy>=2"],
        )
    wider = RAW.assign(c=[1.0, 2.0, 3.0, 4.0])
    with mainstay.start_run(run_name="second") as second:
        assert logged.model_id is not None
        mainstay.log_input(model=mainstay.entities.inputs.LoggedModelInput(logged.model_id))
        mainstay.log_params({"c": 2, "kept": "same"})
        mainstay.log_metric("auc", 0.9)
        mainstay.sklearn.log_model(
            LogisticRegression().fit(wider, [0, 0, 1, 1]),
            name="model",
            input_example=wider,
            registered_model_name="churn",
            pip_requirements=["scikit-learn==1.8.0", "scipy"],
        )
    mainstay.set_tracking_uri(None)
    with connect(address) as stores:
        yield Made(stores, (first.info.run_id, second.info.run_id), raw.digest, clean.digest)
