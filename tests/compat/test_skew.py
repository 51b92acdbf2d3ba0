"""An older client works with this server, and this client with an older server.

Nothing has been released, so the older side is a commit of this repository: ``OLDEST`` is moved on
by whoever ends the support of it, and says so in the changelog. What a server can do is the list
``features`` of ``GET /api/mainstay/1.0/server``; a server never takes one away.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from mainstay.server.handlers.server import FEATURES
from tests.support.parts import PROJECT
from tests.support.server import RunningServer

OLDEST = "9dc66278842c875df19c5388c2111e370d14b78c"
OLDEST_FEATURES = {"artifacts-batch", "events", "gates", "monitoring", "rollback", "spool"}
NOW = PROJECT / "src"

SCRIPT = """
import sys
import mainstay

assert mainstay.__file__.startswith(sys.argv[1]), mainstay.__file__
mainstay.set_experiment("skew")
with mainstay.start_run() as run:
    for step in range(20):
        mainstay.log_metric("loss", step / 2, step=step)
    mainstay.log_param("p", 1)
    mainstay.log_text("kept", "notes/a.txt")
    mainstay.log_text("kept", "notes/b.txt")
    assert mainstay.flush(60)
client = mainstay.Client()
run_id = run.info.run_id
assert client.get_run(run_id).data.params == {"p": "1"}
assert [point.step for point in client.get_metric_history(run_id, "loss")] == list(range(20))
assert len(mainstay.search_runs(filter_string="params.p = '1'", output_format="list")) == 1
names = [file.path for file in client.list_artifacts(run_id, "notes")]
assert names == ["notes/a.txt", "notes/b.txt"], names
client.create_registered_model("net")
version = client.create_model_version("net", f"runs:/{run_id}/notes", run_id)
client.set_registered_model_alias("net", "champion", version.version)
assert str(client.get_model_version_by_alias("net", "champion").version) == str(version.version)
print("well")
"""


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it was at the oldest supported commit."""
    packed = subprocess.run(
        ["git", "archive", OLDEST, "src"], cwd=PROJECT, capture_output=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"this checkout does not reach back to {OLDEST[:7]}")
    folder = tmp_path_factory.mktemp("oldest")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


@pytest.mark.parametrize("older", ["client", "server"])
def test_the_oldest_supported_pair_works_together(oldest: Path, tmp_path: Path, older: str) -> None:
    client = oldest if older == "client" else NOW
    server = oldest if older == "server" else NOW
    (tmp_path / "script.py").write_text(SCRIPT)
    with RunningServer(tmp_path / "server", environment={"PYTHONPATH": str(server)}) as running:
        done = subprocess.run(
            [sys.executable, "script.py", str(client)],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(client),
                "MAINSTAY_TRACKING_URI": running.url,
                "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        features = running.request("GET", "/api/mainstay/1.0/server").json["features"]
    assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr
    assert set(features) == (OLDEST_FEATURES if older == "server" else set(FEATURES))  # type: ignore[call-overload]


def test_a_server_still_can_what_the_oldest_could() -> None:
    assert set(FEATURES) >= OLDEST_FEATURES
