"""The alias moves and the server swaps: no request fails, and every answer names its version."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mainstay.models.python_model import PythonModel
from tests.serving.support import Load, Registry, command, serving, wait_for


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path)
    registry.add()
    registry.point(1)
    yield registry
    registry.stores.close()


def check(load: Load) -> None:
    """Nothing lost, nothing failed, and each prediction is that of the version named beside it."""
    assert load.lost == []
    assert {status for status, _, _ in load.answers} == {200}
    assert [a for a in load.answers if a[1] != a[2]] == []


def test_a_swap_and_a_rollback_under_load_fail_no_request(registry: Registry) -> None:
    with serving(registry.uri, "-w", "2") as server:
        with Load(server) as load:
            load.until(1)
            second = registry.add()
            registry.point(second)
            load.until(second)
            registry.reported("serving", desired=2, serving=2)
            before = set(server.workers())
            registry.point(1)
            load.until(1)
            registry.reported("serving", desired=1, serving=1)
            assert set(server.workers()) == before  # the old version stood warm: nobody was started
            third = registry.add()
            registry.point(third)
            load.until(third)
        check(load)
        assert {version for _, version, _ in load.answers} == {1, 2, 3}
        wait_for(lambda: len(server.workers()) == 4, "only two generations to be left")


@pytest.mark.parametrize("harm", ["changed file", "no such file", "cannot predict"])
def test_a_version_that_cannot_serve_changes_nothing_but_the_state(
    registry: Registry, harm: str
) -> None:
    if harm == "cannot predict":
        wider = LinearRegression().fit(np.zeros((9, 3)), np.zeros(9))
        with pytest.warns(UserWarning, match="fails on its input example"):
            broken = registry.add(wider, profile_data=None)
    else:
        broken = registry.add()
    path = registry.folder / f"version-{broken}"
    if harm == "changed file":
        (path / "MLmodel").write_text((path / "MLmodel").read_text() + "\n# changed\n")
    elif harm == "no such file":
        next(path.glob("model.*")).unlink()
    with serving(registry.uri) as server, Load(server, rate=30) as load:
        load.until(1)
        registry.point(broken)
        failed = registry.reported("failed", desired=broken, serving=1)
        assert f"version {broken} cannot be served" in failed.message
        ready = server.get("/ready")
        assert ready.status == 200
        told = ready.json()
        assert (told["version"], told["desired_version"], told["state"]) == (1, broken, "failed")
        load.until(1)
        registry.point(1)
        registry.reported("serving", desired=1, serving=1)
        good = registry.add()
        registry.point(good)
        load.until(good)
    check(load)
    assert broken not in {version for _, version, _ in load.answers}


def test_a_first_version_that_cannot_be_served_ends_the_command_in_words(
    registry: Registry,
) -> None:
    (registry.folder / "version-1" / "MLmodel").write_text("flavors: {}")
    done = subprocess.run(
        command("models", "serve", "-m", "models:/churn@champion", "-p", "0"),
        env={**os.environ, "MAINSTAY_TRACKING_URI": registry.uri},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in (1, 2)
    assert "churn version 1 cannot be served" in done.stderr
    assert "Traceback" not in done.stderr
    assert registry.deployment().state == "failed"


def test_a_folder_can_be_served_and_nothing_is_kept_of_it(registry: Registry) -> None:
    folder = registry.folder / "version-1"
    with serving(registry.uri, "--unregistered", model=str(folder)) as server:
        answer = server.post()
        assert answer.json() == {"predictions": [1.0]}
        assert answer.headers["X-Mainstay-Model"] == "version-1"
        assert "X-Mainstay-Version" not in answer.headers
        assert server.http.request("HEAD", f"{server.url}/ping").status == 200
    assert registry.deployment() is None


def test_a_worker_that_dies_is_replaced(registry: Registry) -> None:
    with serving(registry.uri) as server:
        assert server.post().status == 200
        (first,) = server.workers()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: server.workers() not in ([first], []), "another worker")
        assert server.post().status == 200  # it waited in the socket's queue, if need be
        live = server.get("/metrics").data.decode().split("mainstay_serving_in_flight{")[1]
        assert live.split()[1] == "0.0"


def test_sigterm_lets_requests_end_and_says_so(registry: Registry) -> None:
    with serving(registry.uri) as server:
        assert server.post().status == 200
        assert server.stop() == 0
        assert registry.deployment().state == "stopped"
        windows = registry.stores.monitoring.list_windows("churn@champion")
        assert sum(window.requests for window in windows) == 1


def test_an_alias_that_is_removed_leaves_the_version_serving(registry: Registry) -> None:
    with serving(registry.uri) as server:
        registry.stores.registry.delete_alias("churn", "champion")
        gone = registry.reported("serving", desired=None, serving=1)
        assert "champion" in gone.message
        assert server.post().status == 200
        registry.point(1)
        registry.reported("serving", desired=1, serving=1)


def test_workers_end_when_the_supervisor_is_killed(registry: Registry) -> None:
    with serving(registry.uri) as server:
        (worker,) = server.workers()
        server.process.kill()
        server.process.wait()

        def gone() -> bool:
            try:
                os.kill(worker, 0)
            except ProcessLookupError:
                return True
            return Path(f"/proc/{worker}/stat").read_text().split()[2] == "Z"

        wait_for(gone, "the worker to end")


def test_what_is_counted_reaches_the_monitoring_store(registry: Registry) -> None:
    with serving(registry.uri) as server:
        for age in (1.0, 2.0, 99.0):
            split = {"columns": ["age", "visits"], "data": [[age, 4]]}
            assert server.post(json.dumps({"dataframe_split": split}).encode()).status == 200
        assert server.post(b"{").status == 400

        def counted() -> bool:
            windows = registry.stores.monitoring.list_windows("churn@champion", version=1)
            return sum(window.requests for window in windows) == 4

        wait_for(counted, "four requests to be counted")
        windows = registry.stores.monitoring.list_windows("churn@champion")
        assert sum(window.rejected for window in windows) == 1
        assert sum(window.errors for window in windows) == 0
        assert sum(window.rows for window in windows) == 3
        assert sum(window.features["age"][-2] for window in windows if window.features) == 1


def picky(limit: float) -> PythonModel:
    """Return a model that fails for ages above ``limit``, and else predicts the number 2."""

    class Picky(PythonModel):
        def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> Any:
            if (model_input["age"] > limit).any():
                raise ValueError("too old")
            return np.full(len(model_input), 2.0)

    return Picky()


def aged(*ages: float) -> bytes:
    rows = [{"age": age, "visits": 1} for age in ages]
    return json.dumps({"dataframe_records": rows}).encode()


def test_a_version_that_fails_on_all_recent_requests_is_no_successor(registry: Registry) -> None:
    second = registry.add(picky(limit=30.0), profile_data=None)
    with serving(registry.uri) as server:
        for _ in range(3):
            assert server.post(aged(39.0)).status == 200
        registry.point(second)
        failed = registry.reported("failed", desired=second, serving=1)
        assert "failed on all 3 recent requests" in failed.message
        assert server.post(aged(39.0)).status == 200


def test_a_version_that_fails_on_some_recent_requests_takes_over_with_a_warning(
    registry: Registry,
) -> None:
    second = registry.add(picky(limit=30.0), profile_data=None)
    with serving(registry.uri) as server:
        for age in (39.0, 3.0):
            assert server.post(aged(age)).status == 200
        registry.point(second)
        registry.reported("serving", desired=second, serving=second)
        assert server.said("failed on 1 of 2 recent requests")
        last = server.post(aged(3.0))  # a connection held since before is answered once more
        assert (last.json(), last.headers["Connection"]) == ({"predictions": [1.0]}, "close")
        assert server.post(aged(3.0)).json() == {"predictions": [2.0]}
        answer = server.post(aged(39.0))
        assert (answer.status, answer.headers["X-Mainstay-Version"]) == (500, str(second))
