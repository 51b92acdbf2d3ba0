"""Newer interpreters that are on this machine compile the package and log with it.

The light half only: what logging needs besides the package is one wheel. That whole rooms of tests
pass there was seen by hand; docs/compatibility.md says which.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.client import Client
from mainstay.connect import connect
from mainstay.spool.sync import sync
from tests.support.parts import PROJECT

SCRIPT = """
import mainstay

mainstay.set_experiment("newer")
with mainstay.start_run(run_name="newer") as run:
    mainstay.log_params({"depth": 3})
    for step in range(100):
        mainstay.log_metric("loss", 1 / (step + 1), step=step)
    mainstay.log_text("kept", "notes/a.txt")
print(run.info.run_id)
"""


def run(*command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def interpreter(version: str) -> str | None:
    """Return a Python of that version, on the path or among those that pyenv keeps."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    known = [str(path) for path in sorted(kept.glob(f"{version}.*/bin/python{version}"))]
    # pyenv puts a name on the path for versions, too, that are switched off.
    return known[-1] if known else shutil.which(f"python{version}")


@pytest.fixture(params=["3.12", "3.13", "3.14"])
def python(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An interpreter of that version with msgspec; a version that is not here is skipped."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        pytest.skip("uv is not installed")
    found = interpreter(request.param)
    if found is None:
        pytest.skip(f"no Python {request.param} on this machine")
    venv = tmp_path / "venv"
    made = run(uv, "venv", "--no-python-downloads", "--python", found, str(venv), cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    python = str(venv / "bin" / "python")
    wanted = f"msgspec=={importlib.metadata.version('msgspec')}"
    installed = run(
        uv, "pip", "install", "--only-binary", ":all:", "--python", python, wanted, cwd=tmp_path
    )
    if installed.returncode:
        pytest.skip(f"no wheel of msgspec for Python {request.param}: {installed.stderr[-300:]}")
    return python


@pytest.mark.skipif(os.name != "posix", reason="needs the layout of a POSIX environment")
def test_a_newer_interpreter_compiles_everything_and_logs(python: str, tmp_path: Path) -> None:
    cache = {"PYTHONPYCACHEPREFIX": str(tmp_path / "cache")}
    source = str(PROJECT / "src" / "mainstay")
    compiled = run(python, "-W", "error", "-m", "compileall", "-q", source, cwd=tmp_path, **cache)
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr

    address = f"sqlite:///{tmp_path}/runs.db"
    done = run(
        *(python, "-W", "error::DeprecationWarning", "-c", SCRIPT),
        cwd=tmp_path,
        PYTHONPATH=str(PROJECT / "src"),
        MAINSTAY_OFFLINE="1",
        MAINSTAY_TRACKING_URI=address,
        MAINSTAY_SPOOL_DIR=str(tmp_path / "spool"),
        **cache,
    )
    assert done.returncode == 0, done.stderr
    (sent,) = sync(tmp_path / "spool", lambda target: connect(target.uri))
    assert (sent.state, sent.refused) == ("sent", [])
    client = Client(address)
    run_id = done.stdout.strip()
    found = client.get_run(run_id)
    assert (found.info.status, found.data.params) == ("FINISHED", {"depth": "3"})
    steps = [point.step for point in client.get_metric_history(run_id, "loss")]
    assert steps == list(range(100))
    assert [file.path for file in client.list_artifacts(run_id, "notes")] == ["notes/a.txt"]
