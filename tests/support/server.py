"""A real ``mainstay server`` in its own process, on a free port, for tests of any room."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

START_SECONDS = 180.0
STOP_SECONDS = 120.0


class Door:
    """An address that requests are sent to: a server's, or that of something before it."""

    url: str
    seconds = 30.0

    def __init__(self, url: str, *, seconds: float = 120.0) -> None:
        self.url = url
        self.seconds = seconds

    def request(
        self,
        method: str,
        target: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request exactly as given: no path is tidied up, no header added but Host."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            place.hostname or "", place.port, timeout=self.seconds
        )
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            content = body.encode() if isinstance(body, str) else body
            given = {"Host": place.netloc, **(headers or {})}
            if content is not None:
                given.setdefault("Content-Length", str(len(content)))
            for name, value in given.items():
                connection.putheader(name, value)
            connection.endheaders(content)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def wait_until_ok(
        self,
        path: str,
        *,
        log: Callable[[], str],
        running: Callable[[], bool] = lambda: True,
        seconds: float = START_SECONDS,
    ) -> None:
        """Return when ``path`` answers 200; until then nobody needs to listen.

        Raises:
            AssertionError: It did not within ``seconds``, or what is asked is not ``running``
                any more. Says the last answer, and ``log``.
        """
        deadline = time.monotonic() + seconds
        said: object = None
        while time.monotonic() < deadline and running():
            try:
                answer = self.request("GET", path)
            except (OSError, http.client.HTTPException) as error:
                said = error
            else:
                if answer.status == 200:
                    return
                said = f"{answer.status}: {answer.body[:500]!r}"
            time.sleep(0.1)
        raise AssertionError(f"{path} did not answer ({said}): {log()}")

    def call(self, method: str, target: str, **fields: object) -> Answer:
        """Send fields as JSON."""
        headers = {"Content-Type": "application/json"}
        return self.request(method, target, json.dumps(fields), headers)


class RunningServer(Door):
    """A server process. ``folder`` is its working directory, where the SQLite file and the
    artifacts are unless options say otherwise. Use it as a context manager.
    """

    def __init__(
        self, folder: Path, *options: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "server.log"
        command = [sys.executable, "-m", "mainstay", "server", "--port", "0", "--json", *options]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **(environment or {})},
            )
        self.url = self._read_address()
        self._wait_for_health()

    @property
    def log(self) -> str:
        """What the server wrote to its error output so far."""
        return self._log.read_text()

    def stop(self, *, number: int = signal.SIGTERM) -> int:
        """Stop the process and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            if self.process.stdout is not None:
                self.process.stdout.close()

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _read_address(self) -> str:
        assert self.process.stdout is not None
        text = b""
        while line := self.process.stdout.readline():
            text += line
            if line.strip() == b"}":
                return str(json.loads(text)["url"])
        code = self.process.wait()
        self.process.stdout.close()
        raise RuntimeError(f"the server stopped with {code}: {self.log}")

    def _wait_for_health(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.request("GET", "/health").body == b"OK":
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.process.kill()
        self.stop()
        raise RuntimeError(f"the server did not come up: {self.log}")


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self) -> dict[str, object]:
        """The body as a JSON object."""
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    def __repr__(self) -> str:
        return f"<{self.status} {self.body[:300]!r}>"
