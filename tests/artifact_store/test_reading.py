"""A file that is let go of while a thread reads it is closed after that read, not under it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.artifact_store.base import Reading
from mainstay.artifact_store.local import LocalFolder


class Slow:
    """Chunks whose reading takes until it is allowed to end."""

    def __init__(self) -> None:
        self.reading = threading.Event()
        self.allowed = threading.Event()
        self.closed = threading.Event()

    def chunks(self) -> Iterator[bytes]:
        self.reading.set()
        assert self.allowed.wait(120)
        assert not self.closed.is_set(), "closed while it was read"
        yield b"one"
        yield b"two"


def test_a_close_during_a_read_waits_for_its_end_without_waiting_itself() -> None:
    slow = Slow()
    reading = Reading(slow.chunks(), close=slow.closed.set)
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.append(next(reading)))
    thread.start()
    assert slow.reading.wait(120)
    reading.close()
    assert not slow.closed.is_set()
    slow.allowed.set()
    thread.join(30)
    assert slow.closed.is_set()
    assert got == [b"one"]
    with pytest.raises(StopIteration):
        next(reading)


def test_a_close_between_reads_is_at_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    reading = LocalFolder(tmp_path).read("a")
    reading.close()
    reading.close()
    assert list(reading) == []
    if before:
        assert len(os.listdir("/proc/self/fd")) == before
