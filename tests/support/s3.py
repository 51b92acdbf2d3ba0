"""A real S3-speaking server in its own process, on a free port."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from tests.support.parts import PROJECT, require

MOTO = PROJECT / ".peers" / "moto" / "bin" / "moto_server"
SECONDS = 120


class S3Server:
    """Buckets in memory. ``environment`` is what a process needs to reach them."""

    def __init__(self, log: Path) -> None:
        require("moto")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "MLFLOW_S3_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        self._log = log.open("wb")
        command = [str(MOTO), "-H", "127.0.0.1", "-p", str(port)]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self._wait()

    def make_bucket(self, name: str) -> str:
        """Make a bucket and return its address."""
        request = urllib.request.Request(f"{self.url}/{name}", method="PUT")
        with urllib.request.urlopen(request, timeout=120):
            return f"s3://{name}"

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(120)
        self._log.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/moto-api/", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError("the S3 server did not come up")
