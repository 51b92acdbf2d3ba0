"""Serving from a tracking server: files through its proxy, the alias and the counts over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor

import mainstay
from mainstay.connect import connect
from tests.serving.support import FRAME, Load, serving, wait_for
from tests.support.face import fresh_face
from tests.support.server import RunningServer


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    with RunningServer(tmp_path / "server") as running:
        for _ in fresh_face(running.url, tmp_path, monkeypatch):
            yield running


def log_version(number: int) -> None:
    """Log and register a model that predicts its number."""
    model = DummyRegressor(strategy="constant", constant=float(number))
    with mainstay.start_run():
        mainstay.sklearn.log_model(
            model.fit(FRAME, np.zeros(len(FRAME))),
            name="model",
            input_example=FRAME[:2],
            registered_model_name="churn",
        )


def test_a_server_swaps_through_the_tracking_server(server: RunningServer) -> None:
    log_version(1)
    log_version(2)
    client = mainstay.Client()
    client.set_registered_model_alias("churn", "champion", 1)
    with serving(server.url) as served:
        with Load(served, rate=30) as load:
            load.until(1)
            client.set_registered_model_alias("churn", "champion", 2)
            load.until(2)
            client.set_registered_model_alias("churn", "champion", 1)
            load.until(1)
        assert load.lost == []
        assert {status for status, _, _ in load.answers} == {200}
        assert [answer for answer in load.answers if answer[1] != answer[2]] == []
        with connect(server.url) as stores:

            def told() -> bool:
                (found,) = stores.monitoring.list_deployments()
                return (found.state, found.serving_version) == ("serving", 1)

            wait_for(told, "the deployment to be reported")

            def counted() -> bool:
                windows = stores.monitoring.list_windows("churn@champion")
                return sum(window.requests for window in windows) == len(load.answers)

            wait_for(counted, "every answer to be counted")


def test_a_version_can_run_in_an_environment_of_its_own(server: RunningServer) -> None:
    log_version(1)
    mainstay.Client().set_registered_model_alias("churn", "champion", 1)
    with serving(server.url, "--env-manager", "uv", deadline=240) as served:
        assert served.post().json() == {"predictions": [1.0]}
        (worker,) = served.workers()
        started = Path(f"/proc/{worker}/cmdline").read_bytes().split(b"\0")[0].decode()
        assert "environments" in Path(started).parts


def test_an_outage_of_the_tracking_server_is_not_felt(server: RunningServer) -> None:
    log_version(1)
    mainstay.Client().set_registered_model_alias("churn", "champion", 1)
    with serving(server.url) as served:
        assert served.post().status == 200
        server.stop()
        wait_for(lambda: served.said("cannot ask what"), "the outage to be noticed")
        assert served.post().status == 200
        assert served.get("/ready").json()["version"] == 1
