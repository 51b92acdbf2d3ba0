"""The running mainstay as a wheel: complete, the same bytes each time, and installable."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import mainstay
from mainstay.environments import wheel


def test_the_wheel_holds_every_module_and_the_command(tmp_path: Path) -> None:
    made = wheel.build(tmp_path / "one")
    with zipfile.ZipFile(made) as archive:
        names = set(archive.namelist())
        record = archive.read(next(n for n in names if n.endswith("RECORD"))).decode()
        assert archive.testzip() is None
    assert {"mainstay/__init__.py", "mainstay/cli/main.py", "mainstay/py.typed"} <= names
    assert not [name for name in names if "__pycache__" in name]
    assert len(record.splitlines()) == len(names)
    assert made.name == f"mainstay-{mainstay.__version__}-py3-none-any.whl"
    assert wheel.build(tmp_path / "two").read_bytes() == made.read_bytes()


def test_the_installed_copy_is_the_running_one(tmp_path: Path) -> None:
    made = wheel.build(tmp_path)
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path / "site")
    program = "import mainstay; print(mainstay.__file__, mainstay.__version__)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
    )
    assert done.stdout.split() == [
        str(tmp_path / "site" / "mainstay" / "__init__.py"),
        mainstay.__version__,
    ]
