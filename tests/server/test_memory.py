"""Large files pass through the server without being in its memory."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.server import RunningServer

SIZE = 512 << 20
BLOCK = bytes(range(256)) * 4096
ROOM = 96 << 20
"""What the server may take beyond what it had: chunks, buffers, the allocator's slack."""
TARGET = "/api/2.0/mlflow-artifacts/artifacts/large/file.bin"


def peak(server: RunningServer) -> int:
    """Return the most memory, in bytes, that the process had resident since the last reset."""
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("the kernel does not say")


def blocks() -> Iterator[bytes]:
    for _ in range(SIZE // len(BLOCK)):
        yield BLOCK


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks the Linux kernel")
def test_half_a_gibibyte_goes_up_and_down_in_bounded_memory(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server:
        assert server.request("PUT", TARGET + ".small", b"warm").status == 200
        before = peak(server)
        place = urlsplit(server.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
        connection.request("PUT", TARGET, blocks(), {"Content-Length": str(SIZE)})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        connection.request("GET", TARGET)
        answer = connection.getresponse()
        expected, found, total = hashlib.sha256(), hashlib.sha256(), 0
        while chunk := answer.read(1 << 20):
            found.update(chunk)
            total += len(chunk)
        connection.close()
        for block in blocks():
            expected.update(block)
        assert total == SIZE
        assert found.digest() == expected.digest()
        assert peak(server) - before < ROOM
