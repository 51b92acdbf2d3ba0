"""A real server that is started thousands of times: the same program, from the nursery."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from tests.soak.nursery import SECONDS, Fork, Nursery
from tests.support.server import Door

CODE = "from mainstay.cli.main import main; main()"


class SoakedServer(Door):
    """``mainstay server`` on a database; ready when the constructor returns."""

    def __init__(self, nursery: Nursery, folder: Path, database: str, *, port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._said = folder / "server.out"
        self._log = folder / "server.log"
        self._said.unlink(missing_ok=True)
        options = ("--port", str(port), "--json", "--backend-store-uri", database)
        self.process: Fork = nursery.begin(
            CODE, "mainstay", "server", *options, cwd=folder, out=self._said, err=self._log
        )
        super().__init__(self._address())

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()

    def stop(self) -> None:
        """SIGTERM, and wait until it has drained."""
        self.process.end()

    def _address(self) -> str:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and not self.process.gone():
            if self._said.exists() and (text := self._said.read_text()).rstrip().endswith("}"):
                return self._healthy(str(json.loads(text)["url"]), deadline)
            time.sleep(0.005)
        self.process.kill()
        raise RuntimeError(f"the server did not start: {self._log.read_text()[-2000:]}")

    def _healthy(self, url: str, deadline: float) -> str:
        door = Door(url)
        while time.monotonic() < deadline and not self.process.gone():
            try:
                if door.request("GET", "/health").body == b"OK":
                    return url
            except OSError:
                pass
            time.sleep(0.005)
        self.process.kill()
        raise RuntimeError(f"{os.getpid()}: no answer: {self._log.read_text()[-2000:]}")
