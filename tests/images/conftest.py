"""A registered model, and a run's model, behind a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import mainstay
from mainstay.connect import Stores, connect
from tests.support.server import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def registered(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The run that logged version 1 of ``line``, which is its champion: y = 2x."""
    from sklearn.linear_model import LinearRegression

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAINSTAY_SPOOL_DIR", str(tmp_path_factory.mktemp("spool")))
        mainstay.set_tracking_uri(server.url)
        try:
            with mainstay.start_run() as run:
                mainstay.sklearn.log_model(
                    LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]),
                    name="model",
                    input_example=np.ones((1, 1)),
                    registered_model_name="line",
                )
        finally:
            mainstay.set_tracking_uri("")
    with connect(server.url) as stores:
        stores.registry.set_alias("line", "champion", 1)
    return run.info.run_id


@pytest.fixture
def stores(server: RunningServer, registered: str) -> Iterator[Stores]:
    with connect(server.url) as opened:
        yield opened


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of models of this test's own."""
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(tmp_path / "cache" / "models"))
