"""A segment reaches its target whole, in order, once; what is damaged is left out and said."""

from __future__ import annotations

import math
import random
import shutil
from pathlib import Path

import pytest

from mainstay.connect import Stores, connect
from mainstay.entities.metrics import Metric
from mainstay.entities.spool import CreateRun, LogBatch, Rejection, UploadArtifact
from mainstay.errors import OutOfSpace, TooLarge
from mainstay.spool import framing, segment
from mainstay.spool.abandoned import drain_abandoned
from mainstay.spool.delivery import StoreDelivery
from mainstay.spool.drain import Drain, RunAwaited
from mainstay.spool.reports import Reports
from mainstay.spool.segment import Position, Segment, Target
from mainstay.spool.sync import pending, sync
from mainstay.spool.writer import Writer

BIG = 1 << 30


def point(run_id: str, number: int) -> LogBatch:
    metric = Metric("loss", float(number), 1000 + number, number)
    return LogBatch(run_id=run_id, metrics=[metric], where=f"train.py:{number}")


def drain(found: Segment, stores: Stores) -> list[Rejection]:
    refused: list[Rejection] = []
    working = Drain(found, StoreDelivery(stores), report=refused.append)
    while working.step():
        pass
    working.finish()
    return refused


def steps(stores: Stores, run_id: str) -> list[int]:
    return [m.step for m in stores.tracking.get_metric_history(run_id, "loss").items]


def test_records_arrive_in_order_and_the_offset_says_so(
    root: Path, target: Target, stores: Stores
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="a" * 32, experiment_name="e", start_time=5))
    for number in range(10):
        writer.append(point("a" * 32, number))
    assert drain(writer.segment, stores) == []
    assert steps(stores, "a" * 32) == list(range(10))
    assert writer.segment.offset() == writer.tail()
    assert stores.tracking.applied(writer.segment.name) == 11


def test_an_experiment_is_named_until_its_id_is_known(
    root: Path, target: Target, stores: Stores
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="b" * 32, experiment_name="new one", start_time=5))
    drain(writer.segment, stores)
    made = stores.tracking.get_experiment_by_name("new one")
    assert stores.tracking.get_run("b" * 32).info.experiment_id == made.experiment_id


def test_a_segment_sent_again_from_the_start_has_no_second_effect(
    root: Path, target: Target, stores: Stores
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="c" * 32, experiment_name="e", start_time=5))
    writer.append(LogBatch(run_id="c" * 32, params={"p": "1"}, tags={"t": "x"}))
    for number in range(5):
        writer.append(point("c" * 32, number))
    drain(writer.segment, stores)
    before = stores.tracking.get_run("c" * 32)
    (writer.segment.folder / "offset.json").unlink()
    assert drain(writer.segment, stores) == []
    assert stores.tracking.get_run("c" * 32) == before
    assert steps(stores, "c" * 32) == list(range(5))


def test_any_bit_flipped_anywhere_costs_at_most_one_record(
    root: Path, target: Target, stores: Stores
) -> None:
    experiment = stores.tracking.create_experiment("flips").experiment_id
    writer = Writer(root, target, cap=BIG)
    run_id = "0" * 32
    for number in range(4):
        writer.append(point(run_id, number))
    sound = writer.segment.chunk(1).read_bytes()
    for place in range(len(sound)):
        run = stores.tracking.create_run(experiment, run_id=f"{place:032x}").info.run_id
        flipped = bytearray(sound.replace(run_id.encode(), run.encode()))
        flipped = bytearray(reframed(bytes(flipped)))
        flipped[place] ^= 1 << (place % 8)
        copy = Segment(root / f"{place + 1:032x}")
        segment.make_private(copy.folder)
        copy.chunk(1).write_bytes(flipped)
        refused = drain(copy, stores)
        arrived = steps(stores, run)
        assert len(arrived) >= 3, f"byte {place}: only {arrived} arrived"
        assert len(refused) == 4 - len(arrived), f"byte {place}: a loss was not said"


def test_any_bit_flipped_in_any_file_of_a_segment_costs_at_most_its_record(tmp_path: Path) -> None:
    """The address, the place that was reached, the beginning of a run, a file: all of them."""
    base = tmp_path / "base"
    address = f"sqlite:///{base}/runs.db"
    writer = Writer(base / "spool", Target(uri=address), cap=BIG)
    writer.append(CreateRun(run_id="1" * 32, experiment_name="e", start_time=5))
    for number in range(3):
        writer.append(point("1" * 32, number))
    with connect(address) as stores:
        working = Drain(writer.segment, StoreDelivery(stores), report=lambda _: None)
        while working.step():
            pass
    # The place is one record behind, as after a kill between an answer and the note of it.
    behind = framing.scan(writer.segment.chunk(1).read_bytes()).frames[2]
    writer.segment.save_offset(Position(1, behind.end, behind.sequence))
    for number in range(3, 6):
        writer.append(point("1" * 32, number))
    blob, size, digest = writer.keep("a.txt", 4, [b"kept"])
    writer.append(
        UploadArtifact(blob=blob, path="a.txt", run_id="1" * 32, size=size, sha256=digest)
    )
    writer.close()

    chosen = random.Random(20)
    files = [path for path in sorted(writer.segment.folder.rglob("*")) if path.is_file()]
    for file in (path for path in files if path.suffix != ".lock"):
        sound = file.read_bytes()
        for place in chosen.sample(range(len(sound)), min(len(sound), 10)):
            copy = tmp_path / f"{file.name}-{place}"
            shutil.copytree(base, copy)
            flipped = bytearray(sound)
            flipped[place] ^= 1 << chosen.randrange(8)
            (copy / file.relative_to(base)).write_bytes(flipped)
            arrived, kept, said = synced(copy)
            where = f"{file.name} byte {place}"
            assert kept in ({"a.txt": b"kept"}, {}), f"{where}: a damaged file arrived"
            lost = 6 - len(arrived) + 1 - len(kept)
            assert lost <= 1, f"{where}: only {arrived} and {kept} arrived"
            assert bool(said) or not lost, f"{where}: a loss was not said"


def test_a_run_whose_beginning_is_damaged_arrives_from_its_copy(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "spool", Target(uri="sqlite://"), cap=BIG)
    writer.append(CreateRun(run_id="1" * 32, experiment_name="named", start_time=5))
    writer.append(point("1" * 32, 1))
    writer.close()
    log = writer.segment.chunk(1)
    data = bytearray(log.read_bytes())
    data[framing.HEADER_SIZE + 3] ^= 1
    log.write_bytes(data)
    arrived, _, said = synced(tmp_path)
    assert (arrived, said) == ([1], [])
    with connect(f"sqlite:///{tmp_path}/runs.db") as stores:
        named = stores.tracking.get_experiment_by_name("named").experiment_id
        assert stores.tracking.get_run("1" * 32).info.experiment_id == named


def test_a_segment_that_has_lost_its_address_is_said_and_sent_where_one_says(
    tmp_path: Path,
) -> None:
    writer = Writer(tmp_path / "spool", Target(uri="http://127.0.0.1:1"), cap=BIG)
    writer.append(CreateRun(run_id="1" * 32, experiment_id="0"))
    writer.append(point("1" * 32, 1))
    writer.close()
    target = writer.segment.folder / "target.json"
    target.write_bytes(target.read_bytes().replace(b"127.0.0.1:1", b"127.0.0.9:1"))
    (left,) = pending(tmp_path / "spool")
    assert (left.damaged, left.uri) == (True, "")
    (done,) = sync(tmp_path / "spool", lambda _: pytest.fail("nothing is to be connected"))
    assert (done.state, done.refused) == ("failed", [])
    assert "sync --to" in done.message
    assert synced(tmp_path)[0] == [1]


def test_a_spool_cannot_name_files_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    writer = Writer(tmp_path / "spool", Target(uri="sqlite://"), cap=BIG)
    writer.append(CreateRun(run_id="1" * 32, experiment_id="0"))
    writer.append(point("1" * 32, 1))
    writer.keep("any", 1, [b"x"])
    link = "a" * 32
    writer.segment.blob(link).symlink_to(tmp_path / "secret")
    for name in ("../../../secret", str(tmp_path / "secret"), link):
        writer.append(UploadArtifact(blob=name, path="got.txt", run_id="1" * 32))
    writer.close()
    arrived, files, said = synced(tmp_path)
    assert (arrived, files) == ([1], {})
    assert len(said) == 1  # the same message three times is said once
    assert "no file of the spool" in said[0]
    assert (tmp_path / "secret").read_text() == "secret"


def synced(folder: Path) -> tuple[list[int], dict[str, bytes], list[str]]:
    """Sync a spool to the database beside it; return steps and files there, and what was said."""
    address = f"sqlite:///{folder}/runs.db"
    with connect(address) as stores:
        done = sync(folder / "spool", lambda _: connect(address), instead=Target(uri=address))
        said = [one.message for one in done if one.message]
        said += [refusal.message for one in done for refusal in one.refused]
        run = stores.tracking.get_run("1" * 32)
        store = stores.artifacts_at(run.info.artifact_uri)
        files = {info.path: b"".join(store.read(info.path)) for info in store.list()}
        return steps(stores, "1" * 32), files, said


def reframed(data: bytes) -> bytes:
    """Give frames whose payload was rewritten their checksum again."""
    out, position = b"", 0
    while position < len(data):
        _, length, _, sequence, _ = framing._HEADER.unpack_from(data, position)
        start = position + framing.HEADER_SIZE
        out += framing.encode(sequence, data[start : start + length])
        position = start + length
    return out


def test_a_torn_tail_is_cut_off_kept_aside_and_reported(
    root: Path, target: Target, stores: Stores
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="d" * 32, experiment_name="e", start_time=5))
    writer.append(point("d" * 32, 1))
    log = writer.segment.chunk(1)
    whole = log.stat().st_size
    writer.append(point("d" * 32, 2))
    with log.open("r+b") as file:
        file.truncate(whole + 10)
    refused = drain(writer.segment, stores)
    assert steps(stores, "d" * 32) == [1]
    assert [one.error_code for one in refused] == ["DATA_LOSS"]
    assert "unfinished end" in refused[0].message
    assert log.stat().st_size == whole
    assert len(list((root / segment.QUARANTINE).iterdir())) == 1


def test_a_refused_record_is_reported_with_its_line_and_the_rest_goes_on(
    root: Path, target: Target, stores: Stores
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="e" * 32, experiment_name="e", start_time=5))
    writer.append(LogBatch(run_id="e" * 32, params={"p": "1"}, where="train.py:3"))
    writer.append(LogBatch(run_id="e" * 32, params={"p": "2"}, where="train.py:4"))
    writer.append(point("e" * 32, 1))
    refused = drain(writer.segment, stores)
    assert [one.where for one in refused] == ["train.py:4"]
    assert stores.tracking.get_run("e" * 32).data.params == {"p": "1"}
    assert steps(stores, "e" * 32) == [1]


def test_a_valid_frame_with_an_unknown_operation_is_quarantined(
    root: Path, target: Target, stores: Stores
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="f" * 32, experiment_name="e", start_time=5))
    with writer.segment.chunk(1).open("ab") as log:
        log.write(framing.encode(2, b"\x81\xa4type\xa7unknown"))
        log.write(framing.encode(3, writer._encoder.encode(point("f" * 32, 7))))
    refused = drain(writer.segment, stores)
    assert len(refused) == 1
    assert steps(stores, "f" * 32) == [7]
    assert [path.name[-16:] for path in (root / segment.QUARANTINE).iterdir()] == [
        "record-2.msgpack"
    ]


def test_a_log_rolls_into_the_next_file_and_sent_files_are_deleted(
    root: Path, target: Target, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mainstay.spool.writer.CHUNK_BYTES", 500)
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="1" * 32, experiment_name="e", start_time=5))
    for number in range(30):
        writer.append(point("1" * 32, number))
    assert len(writer.segment.chunks()) > 3
    drain(writer.segment, stores)
    assert steps(stores, "1" * 32) == list(range(30))
    assert writer.segment.chunks() == [writer.tail().chunk]


def test_artifacts_arrive_below_their_run_and_their_copies_go(
    root: Path, target: Target, stores: Stores, tmp_path: Path
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="2" * 32, experiment_name="e", start_time=5))
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"content of {name}")
        blob, size, digest = writer.copy_in(tmp_path / name)
        (tmp_path / name).write_text("changed after the call")
        writer.append(
            UploadArtifact(blob=blob, path=f"in/{name}", run_id="2" * 32, size=size, sha256=digest)
        )
    assert drain(writer.segment, stores) == []
    files = stores.artifacts_at(stores.tracking.get_run("2" * 32).info.artifact_uri)
    assert b"".join(files.read("in/a")) == b"content of a"
    assert b"".join(files.read("in/b")) == b"content of b"
    assert list((writer.segment.folder / "blobs").iterdir()) == []


def test_a_missing_copy_is_reported_and_the_next_file_arrives(
    root: Path, target: Target, stores: Stores, tmp_path: Path
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="3" * 32, experiment_name="e", start_time=5))
    writer.append(UploadArtifact(blob="0" * 32, path="gone", run_id="3" * 32))
    (tmp_path / "there").write_text("x")
    blob, size, digest = writer.copy_in(tmp_path / "there")
    writer.append(
        UploadArtifact(blob=blob, path="there", run_id="3" * 32, size=size, sha256=digest)
    )
    refused = drain(writer.segment, stores)
    assert [one.error_code for one in refused] == ["DATA_LOSS"]
    files = stores.artifacts_at(stores.tracking.get_run("3" * 32).info.artifact_uri)
    assert [info.path for info in files.list()] == ["there"]


def test_an_artifact_of_an_unknown_run_is_refused_and_does_not_stop_the_rest(
    root: Path, target: Target, stores: Stores, tmp_path: Path
) -> None:
    writer = Writer(root, target, cap=BIG)
    (tmp_path / "file").write_text("x")
    blob, size, digest = writer.copy_in(tmp_path / "file")
    writer.append(UploadArtifact(blob=blob, path="file", run_id="9" * 32))
    writer.append(CreateRun(run_id="4" * 32, experiment_name="e", start_time=5))
    refused = drain(writer.segment, stores)
    assert len(refused) == 1
    assert stores.tracking.get_run("4" * 32).info.run_id == "4" * 32
    assert (size, len(digest)) == (1, 64)


def test_an_abandoned_segment_is_sent_and_deleted_a_living_one_is_left_alone(
    root: Path, target: Target, stores: Stores
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(CreateRun(run_id="5" * 32, experiment_name="e", start_time=5))

    def to_the_store(_: Segment) -> StoreDelivery:
        return StoreDelivery(stores)

    assert not drain_abandoned(writer.segment, to_the_store, Reports())
    writer.close()
    assert drain_abandoned(writer.segment, to_the_store, Reports())
    assert stores.tracking.get_run("5" * 32).info.status == "RUNNING"
    assert not writer.segment.folder.exists()


def test_folders_and_files_are_for_their_owner_only(root: Path, target: Target) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(point("6" * 32, 1))
    writer.segment.save_offset(Position(1, 0, 0))
    for folder in (root, writer.segment.folder):
        assert folder.stat().st_mode & 0o777 == 0o700
    for path in writer.segment.folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_over_the_cap_artifacts_are_refused_first_and_records_last(
    root: Path, target: Target, tmp_path: Path
) -> None:
    writer = Writer(root, target, cap=20_000)
    (tmp_path / "media").write_bytes(b"x" * 15_500)
    with pytest.raises(OutOfSpace, match="media"):
        writer.copy_in(tmp_path / "media")
    writer.append(point("7" * 32, 1))

    def fill() -> None:
        for number in range(1000):
            writer.append(point("7" * 32, number))

    with pytest.raises(OutOfSpace, match="MAINSTAY_SPOOL_CAP"):
        fill()
    assert writer.segment.size() <= 20_000


def test_a_record_too_large_for_a_frame_is_refused(
    root: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "MAX_PAYLOAD", 1000)
    writer = Writer(root, target, cap=BIG)
    with pytest.raises(TooLarge):
        writer.append(LogBatch(run_id="8" * 32, params={"p": "x" * 2000}))


def test_a_record_waits_for_a_run_that_another_segment_creates(
    root: Path, target: Target, stores: Stores
) -> None:
    maker, worker = Writer(root, target, cap=BIG), Writer(root, target, cap=BIG)
    maker.append(CreateRun(run_id="a1" * 16, experiment_name="e", start_time=5))
    worker.append(point("a1" * 16, 1))
    refused: list[Rejection] = []
    working = Drain(worker.segment, StoreDelivery(stores), report=refused.append, patience=math.inf)
    with pytest.raises(RunAwaited):
        working.step()
    assert drain(maker.segment, stores) == []
    assert working.step()
    assert steps(stores, "a1" * 16) == [1]
    assert refused == []


def test_a_record_of_a_run_that_nobody_creates_is_refused_in_the_end(
    root: Path, target: Target, stores: Stores
) -> None:
    writer = Writer(root, target, cap=BIG)
    writer.append(point("b1" * 16, 1))
    writer.append(CreateRun(run_id="c1" * 16, experiment_name="e", start_time=5))
    refused = drain(writer.segment, stores)
    assert [one.error_code for one in refused] == ["RESOURCE_DOES_NOT_EXIST"]
    assert stores.tracking.get_run("c1" * 16).info.run_id == "c1" * 16


@pytest.mark.parametrize("first", [0, 1])
def test_segments_of_one_run_merge_in_any_order(
    root: Path, uri: str, stores: Stores, first: int
) -> None:
    writers = [Writer(root, Target(uri=uri, created_at=number), cap=BIG) for number in range(2)]
    maker, worker = writers[first], writers[1 - first]
    maker.append(CreateRun(run_id="d1" * 16, experiment_name="e", start_time=5))
    maker.append(point("d1" * 16, 1))
    worker.append(point("d1" * 16, 2))
    for writer in writers:
        writer.close()
    assert [one.state for one in sync(root, lambda _: stores)] == ["sent", "sent"]
    assert steps(stores, "d1" * 16) == [1, 2]
