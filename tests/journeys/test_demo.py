"""The demo, as `make demo` runs it: a model's whole life with real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {key: v for key, v in os.environ.items() if not key.startswith("MAINSTAY_")}
    return subprocess.run(
        [sys.executable, "-m", "mainstay", "demo", "--dir", str(folder), *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )


def test_the_demo_takes_a_model_through_its_whole_life(tmp_path: Path) -> None:
    done = run_demo(tmp_path / "demo", "--port", "0")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    for word in ("track", "reproduce", "register", "gate", "deploy", "monitor", "roll back"):
        assert f"│ {word}" in done.stdout
    assert "Done in" in done.stdout


def test_the_demo_leaves_a_folder_with_something_in_it_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    done = run_demo(tmp_path)
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
