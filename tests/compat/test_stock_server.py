"""Our artifact client works against the unmodified mlflow server, which knows no batches."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.artifact_store.proxy import ProxyStore
from mainstay.artifact_store.transfer import download_tree, upload_tree
from mainstay.errors import NotFound
from tests.support.parts import MLFLOW_PYTHON, require

START_SECONDS = 120


@pytest.fixture(scope="module")
def stock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require("mlflow")
    folder = tmp_path_factory.mktemp("stock")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(MLFLOW_PYTHON), "-m", "mlflow", "server", "--workers", "1", "--port", str(port)]
    environment = {
        **os.environ,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    log = (folder / "log.txt").open("wb")
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the mlflow server did not come up")


def test_a_folder_goes_up_file_by_file_and_comes_down_the_same(
    stock_server: str, tmp_path: Path
) -> None:
    files = {"MLmodel": b"flavors", "data/model.bin": b"x" * 300_000, "data/note é.txt": b"n"}
    for name, content in files.items():
        place = tmp_path / "up" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    store = ProxyStore(stock_server, "0/run/artifacts")
    uploaded = upload_tree(store, tmp_path / "up", "model")
    assert sorted(item.path for item in uploaded) == sorted(f"model/{name}" for name in files)
    listed = [(info.path, info.is_dir, info.file_size) for info in store.list("model")]
    assert sorted(listed) == [("model/MLmodel", False, 7), ("model/data", True, None)]
    down = download_tree(store, "model", tmp_path / "down")
    assert {name: (down / name).read_bytes() for name in files} == files


def test_missing_files_and_folders_are_the_same_there(stock_server: str) -> None:
    store = ProxyStore(stock_server, "0/other")
    assert store.list("nowhere") == []
    with pytest.raises(NotFound):
        store.read("nothing.txt")
    store.write("a.txt", [b"1"], size=1)
    store.delete("a.txt")
    with pytest.raises(NotFound):
        store.read("a.txt")
