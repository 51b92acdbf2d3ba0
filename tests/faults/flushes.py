"""A server whose flushes of its database are counted, held, or fail: the true calls, by a shim."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.support.server import RunningServer

SOURCE = Path(__file__).with_name("flushes.c")


class Flushes:
    """What a process asks of the disk. ``folder`` is for this alone."""

    def __init__(self, folder: Path, *, of: str) -> None:
        folder.mkdir()
        self.folder = folder
        shim = folder / "flushes.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-w", "-o", shim, SOURCE], check=True)
        self.environment = {
            "LD_PRELOAD": str(shim),
            "FLUSHES": str(folder),
            "FLUSHES_OF": of,
        }

    def server(self, folder: Path, *options: str) -> RunningServer:
        """Start a server that flushes through here."""
        return RunningServer(folder, *options, environment=self.environment)

    @property
    def begun(self) -> int:
        """How many flushes were asked for."""
        return self._lines("begun")

    @property
    def done(self) -> int:
        """How many flushes the disk has answered."""
        return self._lines("done")

    def hold(self) -> None:
        """From now on let flushes wait."""
        (self.folder / "hold").touch()

    def release(self) -> None:
        """Let those through that wait, and the later ones."""
        (self.folder / "hold").unlink(missing_ok=True)

    def fail(self) -> None:
        """From now on answer flushes with an error of the disk."""
        (self.folder / "fail").touch()

    def mend(self) -> None:
        """Let the disk work again."""
        (self.folder / "fail").unlink()

    def wait_for(self, begun: int) -> None:
        """Wait until so many flushes were asked for."""
        deadline = time.monotonic() + 120
        while self.begun < begun:
            assert time.monotonic() < deadline, f"{self.begun} flushes were asked for, not {begun}"
            time.sleep(0.005)

    def _lines(self, name: str) -> int:
        file = self.folder / name
        return len(file.read_text().splitlines()) if file.exists() else 0
