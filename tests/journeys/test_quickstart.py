"""README's three lines, in an empty folder: install is done, add a line, look at the UI."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import urllib3

from tests.support.parts import require

SCRIPT = """
import mainstay; mainstay.autolog()
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
inputs, target = load_iris(return_X_y=True, as_frame=True)
LogisticRegression(max_iter=500).fit(inputs, target)
"""


def test_one_added_line_and_the_ui_shows_the_run(tmp_path: Path) -> None:
    environment = {key: v for key, v in os.environ.items() if not key.startswith("MAINSTAY_")}
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "train.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "train.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "mainstay.db").exists()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "mainstay", "ui", "--port", str(port)],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, server)
        found = search(url)
        assert len(found) == 1
        data = found[0]["data"]
        assert {"key": "max_iter", "value": "500"} in data["params"]
        assert any(metric["key"] == "training_score" for metric in data["metrics"])
        require("ui")
        page = urllib3.request("GET", url)
        assert page.status == 200
        assert b'<div id="app">' in page.data
    finally:
        server.terminate()
        server.communicate(timeout=120)


def wait_until_healthy(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, server.communicate()[1].decode()
        try:
            if urllib3.request("GET", f"{url}/health", timeout=1, retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
    raise AssertionError("the server did not come up")


def search(url: str) -> list[dict[str, dict[str, list[dict[str, object]]]]]:
    answer = urllib3.request(
        "POST",
        f"{url}/api/2.0/mlflow/runs/search",
        body=json.dumps({"experiment_ids": ["0"]}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 200, answer.data
    runs: list[dict[str, dict[str, list[dict[str, object]]]]] = answer.json()["runs"]
    return runs
