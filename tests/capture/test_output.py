"""What a process prints is kept with its run, and shown as before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mainstay
from mainstay.capture import tee

HEAD = """
import ctypes, logging, os, subprocess, sys
import mainstay
mainstay.set_tracking_uri(sys.argv[1])
"""

PRINTS = (
    HEAD
    + """
with mainstay.start_run(capture_output=True) as run:
    print("python")
    os.write(1, b"descriptor\\n")
    subprocess.run(["echo", "child"])
    ctypes.CDLL(None).puts(b"library")
    logging.warning("logged")
    sys.stderr.write("no end of line")
print("after")
print(run.info.run_id)
"""
)

FLOODS_WITH_THE_LOCK_HELD = (
    HEAD
    + """
library = ctypes.PyDLL(None)     # calls that keep the interpreter's lock
with mainstay.start_run(capture_output=True) as run:
    for _ in range(200):
        library.write(1, b"x" * 1023 + b"\\n", 1024)
print(run.info.run_id)
"""
)

OBJECTS = (
    HEAD
    + """
import io
class Notebook(io.TextIOBase):
    def __init__(self): self.seen = []
    def write(self, text): self.seen.append(text); return len(text)
sys.stdout = Notebook()
with mainstay.start_run(capture_output=True) as run:
    print("in a notebook")
print("after")
seen, sys.stdout = sys.stdout.seen, sys.__stdout__
assert "".join(seen) == "in a notebook\\nafter\\n", seen
print(run.info.run_id)
"""
)

NESTED = (
    HEAD
    + """
with mainstay.start_run(capture_output=True) as run:
    with mainstay.start_run(nested=True, capture_output=True):
        print("inside")
print(run.info.run_id)
"""
)


def printed(tmp_path: Path, script: str) -> tuple[str, str, str]:
    """Run a script; return the run's output, and what was shown on stdout and stderr."""
    (tmp_path / "train.py").write_text(script)
    uri = f"sqlite:///{tmp_path}/runs.db"
    done = subprocess.run(
        [sys.executable, "train.py", uri],
        cwd=tmp_path,
        env={"MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    run_id = done.stdout.split()[-1]
    files = mainstay.Client(uri).artifacts_of(run_id=run_id)
    pieces = sorted(info.path for info in files.list("output"))
    return b"".join(b"".join(files.read(p)) for p in pieces).decode(), done.stdout, done.stderr


def test_output_of_python_libraries_and_children_is_logged_and_shown(tmp_path: Path) -> None:
    logged, out, error = printed(tmp_path, PRINTS)
    shown = ["python", "descriptor", "child", "library"]
    assert out.splitlines()[:5] == [*shown, "after"]
    assert error.endswith("no end of line")
    lines = logged.splitlines()
    assert [line for line in lines if line in shown] == shown
    assert "WARNING:root:logged" in lines
    assert "no end of line" in logged
    assert "after" not in logged


def test_a_library_that_floods_with_the_interpreters_lock_held_does_not_stop(
    tmp_path: Path,
) -> None:
    logged, out, _ = printed(tmp_path, FLOODS_WITH_THE_LOCK_HELD)
    assert logged == ("x" * 1023 + "\n") * 200
    assert out.startswith(logged)


def test_a_stream_that_leads_nowhere_near_the_descriptor_is_copied(tmp_path: Path) -> None:
    logged, _, _ = printed(tmp_path, OBJECTS)
    assert logged == "in a notebook\n"


def test_a_second_capture_in_the_process_is_refused_with_a_warning(tmp_path: Path) -> None:
    logged, _, error = printed(tmp_path, NESTED)
    assert "another run of this process captures it already" in error
    assert "inside\n" in logged


@pytest.mark.parametrize("size", [10, 100, 101, 5000])
def test_a_kept_file_has_the_first_and_the_last_bytes(tmp_path: Path, size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    kept = tee.Kept(str(tmp_path / "log"), 80)
    for start in range(0, size, 7):
        kept.add(data[start : start + 7])
    kept.close()
    found = (tmp_path / "log").read_bytes()
    if size <= 90:
        assert found == data
    else:
        assert found == data[:80] + b"\n[... %d bytes left out ...]\n" % (size - 90) + data[-10:]
