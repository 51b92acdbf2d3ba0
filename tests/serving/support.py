"""Real models in a real registry, a real server process, and callers that do not wait."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import urllib3
from sklearn.dummy import DummyRegressor

from mainstay.connect import Stores, connect
from mainstay.models.saving import Package, save_model
from mainstay.packaging import manifest
from mainstay.packaging.inference import infer_signature

MODEL = "churn"
FRAME = pd.DataFrame({"age": np.arange(40.0), "visits": np.arange(40, dtype=np.int64)})
BODY = json.dumps({"dataframe_split": {"columns": ["age", "visits"], "data": [[3.5, 4]]}}).encode()
JSON = {"Content-Type": "application/json"}
DEADLINE = 180.0


def wait_for(condition: Callable[[], Any], what: str, deadline: float = DEADLINE) -> Any:
    """Return what ``condition`` gives once it gives something true."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {deadline:g} s in vain for: {what}")


class Registry:
    """A registry in a folder, with a model whose version N predicts the number N."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uri = f"sqlite:///{folder}/mainstay.db"
        self.stores: Stores = connect(self.uri)
        self.stores.registry.create_registered_model(MODEL)

    def add(self, model: Any = None, **saving: Any) -> int:
        """Register one more version and return its number."""
        number = len(list(self.folder.glob("version-*"))) + 1
        path = self.folder / f"version-{number}"
        if model is None:
            model = DummyRegressor(strategy="constant", constant=float(number))
            model.fit(FRAME, np.zeros(len(FRAME)))
        signature = infer_signature(FRAME, np.zeros(len(FRAME)))
        package = Package(signature=signature, input_example=FRAME[:2], profile_data=FRAME)
        save_model(model, path, msgspec.structs.replace(package, **saving))
        digest = manifest.digest(manifest.build(path))
        return self.stores.registry.create_model_version(MODEL, str(path), digest=digest).version

    def point(self, version: int, alias: str = "champion") -> None:
        """Move the alias."""
        self.stores.registry.set_alias(MODEL, alias, version)

    def deployment(self) -> Any:
        """Return what the server last said of itself, or None."""
        found = self.stores.monitoring.list_deployments()
        return found[0] if found else None

    def reported(self, state: str, *, desired: int | None, serving: int | None) -> Any:
        """Wait until the server says this of itself, and return the record."""

        def there() -> Any:
            found = self.deployment()
            says = found and (found.state, found.desired_version, found.serving_version)
            return found if says == (state, desired, serving) else None

        return wait_for(there, f"state {state}, desired {desired}, serving {serving}")


class Server:
    """``mainstay models serve`` in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str, log: list[str]) -> None:
        self.process = process
        self.url = url
        self.log = log
        self.http = urllib3.PoolManager(maxsize=4, retries=False, timeout=120)

    def post(self, body: bytes = BODY, headers: dict[str, str] = JSON) -> urllib3.BaseHTTPResponse:
        """Post to /invocations."""
        return self.http.request("POST", f"{self.url}/invocations", body=body, headers=headers)

    def get(self, path: str) -> urllib3.BaseHTTPResponse:
        """Get a path."""
        return self.http.request("GET", f"{self.url}{path}")

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
        return [int(pid) for pid, args in lines if "mainstay.serving.worker" in args]

    def said(self, text: str) -> bool:
        """Tell whether its log holds this text."""
        return any(text in line for line in self.log)

    def stop(self) -> int:
        """End it as an orchestrator would, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)


def command(*arguments: str) -> list[str]:
    """Return the command line of a ``mainstay`` command."""
    return [sys.executable, "-c", "from mainstay.cli.main import main; main()", *arguments]


@contextmanager
def serving(
    registry_uri: str,
    *arguments: str,
    model: str = f"models:/{MODEL}@champion",
    deadline: float = DEADLINE,
) -> Iterator[Server]:
    """Serve on a free port until the end of the block."""
    process = subprocess.Popen(
        command("models", "serve", "-m", model, "-p", "0", "--poll", "0.1", *arguments),
        env={**os.environ, "MAINSTAY_TRACKING_URI": registry_uri},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    log: list[str] = []
    urls: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                log.append(line.rstrip())
                if line.startswith("Serving "):
                    urls.put(line.split(" on ")[1].split()[0])
        urls.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        url = urls.get(timeout=deadline)
        assert url is not None, "the server ended:\n" + "\n".join(log)
        server = Server(process, url, log)
        try:
            yield server
        finally:
            server.http.clear()  # or the drain would wait for these connections
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        reader.join()


@dataclass
class Load:
    """Requests that start on time, whether or not those before them were answered."""

    server: Server
    rate: float = 60.0
    body: bytes = BODY
    answers: list[tuple[int, int, float]] = field(default_factory=list)
    """Status, version that the header names, prediction."""
    lost: list[str] = field(default_factory=list)

    def __enter__(self) -> Load:
        self._stop = threading.Event()
        self._callers = ThreadPoolExecutor(24)
        self._pool = urllib3.PoolManager(maxsize=24, retries=False, timeout=120)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._callers.shutdown(wait=True)

    def _run(self) -> None:
        start, sent = time.monotonic(), 0
        while not self._stop.wait(max(0.0, start + sent / self.rate - time.monotonic())):
            self._callers.submit(self._call, fresh=sent % 3 == 0)
            sent += 1

    def _call(self, *, fresh: bool) -> None:
        headers = {**JSON, "Connection": "close"} if fresh else JSON
        url = f"{self.server.url}/invocations"
        try:
            answer = self._pool.request("POST", url, body=self.body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            self.lost.append(f"{type(error).__name__}: {error}")
            return
        version = int(answer.headers.get("X-Mainstay-Version", "-1"))
        value = answer.json()["predictions"][0] if answer.status == 200 else float("nan")
        self.answers.append((answer.status, version, value))

    def until(self, version: int, count: int = 20) -> None:
        """Wait until ``count`` more answers came from this version, and none from another since."""
        seen = len(self.answers)

        def there() -> bool:
            fresh = [name for _, name, _ in self.answers[seen:][-count:]]
            return len(fresh) == count and set(fresh) == {version}

        wait_for(there, f"{count} answers in a row from version {version}")
