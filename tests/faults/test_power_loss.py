"""Power cuts at every flush: what was acknowledged is there, and what is visible is whole.

For SQLite itself this relies on its own tests of WAL with ``synchronous=FULL``; that these are the
settings in force is tested in tests/stores/sql/test_database.py.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.artifact_store import paths
from mainstay.artifact_store.local import LocalFolder
from mainstay.entities.metrics import Metric
from mainstay.entities.spool import LogBatch
from mainstay.errors import Unavailable
from mainstay.spool import framing
from mainstay.spool.delivery import Stores
from mainstay.spool.reports import SpoolWarning
from mainstay.spool.segment import Segment, Target, segments
from mainstay.spool.spool import Spool
from mainstay.spool.writer import Writer
from tests.faults.power import Disk


def content(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest() * 500


def visible(folder: Path) -> dict[str, bytes]:
    """Return the files that the store shows, by path."""
    store = LocalFolder(folder)
    found: dict[str, bytes] = {}
    waiting = [""]
    while waiting:
        for info in store.list(waiting.pop()):
            if info.is_dir:
                waiting.append(info.path)
            else:
                found[info.path] = b"".join(store.read(info.path))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_a_cut_at_any_flush_keeps_answered_files_and_shows_no_half_ones(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    disk = Disk(tmp_path / "disk")
    disk.root.mkdir()
    store = LocalFolder(disk.root / "mainstay-artifacts")
    answered: dict[str, bytes] = {}
    underway: dict[str, bytes] = {}
    cuts = 0

    def cut() -> None:
        nonlocal cuts
        cuts += 1
        how = None if cuts % 3 == 0 else chance
        left = disk.cut(tmp_path / f"cut-{cuts}", how) / "mainstay-artifacts"
        shown = visible(left)
        for path, body in answered.items():
            if path not in underway:
                assert shown[path] == body, path
        for path, body in shown.items():
            assert body in (answered.get(path), underway.get(path)), f"{path} is half written"

    with disk.watch(cut):
        for number in range(6):
            path = f"0/run-{chance.randrange(3)}/{chance.choice('abc')}.bin"
            underway = {path: content(number)}
            store.write(path, [content(number)[:700], content(number)[700:]])
            answered[path] = content(number)
            underway = {}
            cut()
    assert cuts > 24


def test_the_watched_disk_forgets_what_nobody_flushed(tmp_path: Path) -> None:
    """The instrument itself: a plain write does not survive, a flushed one does."""
    disk = Disk(tmp_path / "disk")
    disk.root.mkdir()
    with disk.watch():
        (disk.root / "plain").write_bytes(b"1")
        with (disk.root / "flushed").open("wb") as file:
            file.write(b"2")
            file.flush()
            os.fsync(file.fileno())
        assert list(disk.cut(tmp_path / "without-names").iterdir()) == []
        folder = os.open(disk.root, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    left = disk.cut(tmp_path / "with-names")
    assert (left / "flushed").read_bytes() == b"2"
    assert (left / "plain").read_bytes() == b""


def test_a_failed_flush_is_an_error_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalFolder(tmp_path)
    store.write("a.bin", [b"before"])

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        store.write("a.bin", [b"after"])
    monkeypatch.undo()
    assert visible(tmp_path) == {"a.bin": b"before"}
    assert [name for name in os.listdir(tmp_path) if paths.is_partial(name)] == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    made.root.mkdir()
    with made.watch():
        yield made


def spool_writer(disk: Disk) -> Writer:
    target = Target(uri="http://127.0.0.1:1", pid=1, host="h", created_at=1)
    return Writer(disk.root / "spool", target, cap=1 << 30)


@pytest.mark.parametrize("torn", [False, True])
def test_what_the_spool_synced_survives_a_cut(disk: Disk, tmp_path: Path, torn: bool) -> None:
    flush_home(disk)
    writer = spool_writer(disk)
    synced = 0
    for number in range(1, 200):
        writer.append(LogBatch(run_id="r", metrics=[Metric("m", number, number, number)]))
        if number % 40 == 0:
            writer.sync()
            synced = number
            left = disk.cut(tmp_path / f"cut-{number}", random.Random(number) if torn else None)
            assert read_sequences(left)[:synced] == list(range(1, synced + 1))
    writer.close()


def spool(disk: Disk, monkeypatch: pytest.MonkeyPatch, fsync: str) -> Spool:
    monkeypatch.setenv("MAINSTAY_SPOOL_FSYNC", fsync)

    def away() -> Stores:
        raise Unavailable("away")

    return Spool("http://127.0.0.1:1", away, root=disk.root / "spool", offline=True)


def log(spool: Spool, number: int) -> None:
    spool.append(LogBatch(run_id="r", metrics=[Metric("m", number, number, number)]))


def test_with_fsync_always_a_cut_costs_no_call_that_returned(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush_home(disk)
    keeping = spool(disk, monkeypatch, "always")
    for number in range(1, 30):
        log(keeping, number)
        left = disk.cut(tmp_path / f"cut-{number}")
        assert read_sequences(left) == list(range(1, number + 1))
    keeping.close(0)


def test_what_nobody_sends_is_flushed_by_itself(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline there is no sender; the last second is all that a cut may cost."""
    flush_home(disk)
    keeping = spool(disk, monkeypatch, "interval")
    for number in range(1, 30):
        log(keeping, number)
    deadline, cuts = time.monotonic() + 60, 0
    while True:
        cuts += 1
        left = disk.cut(tmp_path / f"cut-{cuts}")
        if segments(left / "spool") and read_sequences(left) == list(range(1, 30)):
            break
        assert time.monotonic() < deadline, "nobody flushed"
        time.sleep(0.05)
    keeping.close(0)


def test_with_fsync_never_nothing_waits_for_the_disk_and_a_kill_still_costs_nothing(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush_home(disk)
    keeping = spool(disk, monkeypatch, "never")
    log(keeping, 1)
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    for number in range(2, 500):
        log(keeping, number)
    keeping.close(0)
    assert flushed == []
    assert read_sequences(disk.root) == list(range(1, 500))  # what the system has in its hands


def test_a_flush_of_the_spool_that_failed_is_said_once_and_training_goes_on(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush_home(disk)
    keeping = spool(disk, monkeypatch, "always")
    log(keeping, 1)

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as failing, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        failing.setattr(os, "fsync", broken)
        for number in range(2, 10):
            log(keeping, number)
    (warning,) = [one for one in said if issubclass(one.category, SpoolWarning)]
    assert "perhaps no power cut" in str(warning.message)
    keeping.close(0)
    assert read_sequences(disk.root) == list(range(1, 10))


def test_files_copied_into_the_spool_survive_with_the_records_that_name_them(
    disk: Disk, tmp_path: Path
) -> None:
    flush_home(disk)
    writer = spool_writer(disk)
    source = tmp_path / "plot.png"
    source.write_bytes(content(1))
    blob, size, digest = writer.copy_in(source)
    writer.append(LogBatch(run_id="r", params={"p": "1"}))
    writer.sync()
    left = disk.cut(tmp_path / "cut")
    (segment,) = segments(left / "spool")
    kept = segment.blob(blob).read_bytes()
    assert (len(kept), hashlib.sha256(kept).hexdigest()) == (size, digest)
    writer.close()


def test_an_offset_is_the_old_or_the_new_one_after_a_cut(disk: Disk, tmp_path: Path) -> None:
    flush_home(disk)
    writer = spool_writer(disk)
    for number in range(1, 20):
        writer.append(LogBatch(run_id="r", params={f"p{number}": "1"}))
    tail = writer.tail()
    writer.segment.save_offset(tail)
    (segment,) = segments(disk.cut(tmp_path / "cut") / "spool")
    assert segment.offset() == tail
    writer.close()


def flush_home(disk: Disk) -> None:
    """The folder that the spool is in was there before the cut."""
    (disk.root / "spool").mkdir()
    handle = os.open(disk.root, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def read_sequences(left: Path) -> list[int]:
    (segment,) = segments(left / "spool")
    assert isinstance(segment, Segment)
    data = b"".join(segment.chunk(number).read_bytes() for number in segment.chunks())
    return [frame.sequence for frame in framing.scan(data).frames]
