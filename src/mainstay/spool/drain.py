"""Move one segment to its target: read a batch, deliver it, move the offset, report refusals."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mainstay import killpoints
from mainstay.entities.runs import TERMINAL
from mainstay.entities.spool import (
    CreateRun,
    CreateVersion,
    FinalizeLoggedModel,
    Operation,
    Record,
    Rejection,
    UpdateRun,
    UploadArtifact,
)
from mainstay.errors import (
    BadInput,
    Conflict,
    EndpointNotFound,
    MainstayError,
    NotFound,
    TooLarge,
    Unavailable,
)
from mainstay.spool import blobs, framing
from mainstay.spool.delivery import Delivery, Waiting
from mainstay.spool.segment import CHUNK_BYTES, Position, Segment

MAX_RECORDS = 5000
MAX_BYTES = 1 << 20

Report = Callable[[Rejection], None]
Freed = Callable[[int], None]

_DECODER: msgspec.msgpack.Decoder[Operation] = msgspec.msgpack.Decoder(Operation)


class RunAwaited(Unavailable):
    """A record is about a run that another segment creates, and that has not arrived."""


@dataclass
class _Group:
    """What goes out together, records first, and where the segment stands after it."""

    records: list[Record] = field(default_factory=list)
    files: dict[tuple[str | None, str | None], list[Record]] = field(default_factory=dict)
    end: Position | None = None


class Drain:
    """Sends one segment. One drain at a time may work on a segment (``sender.lock``)."""

    def __init__(
        self,
        segment: Segment,
        delivery: Delivery,
        *,
        report: Report,
        freed: Freed = lambda _: None,
        resumed: bool = True,
        patience: float = 0.0,
    ) -> None:
        """Send ``segment`` with ``delivery``.

        ``patience`` is how many seconds a record waits for a run that another segment creates; a
        record whose run is not there by then is for the target to refuse.
        """
        self.segment = segment
        self._delivery = delivery
        self._report = report
        self._freed = freed
        self.position = segment.offset()
        # Without an offset file the target itself says what it has seen; a living writer's
        # first record needs no question.
        self._known: int | None = None if resumed else 0
        self._resumed = resumed
        self._patience = patience
        self._runs: set[str] = set()
        self._awaited: dict[str, float] = {}
        self._said: set[str] = set()

    def step(self, tail: Position | None = None) -> bool:
        """Deliver the next batch; return False when there is nothing (whole) left to send.

        ``tail`` is where the living writer stands; without it the segment is read to its end.
        Raises: whatever the target raises when it cannot be reached or cannot store; nothing that
        was not confirmed is forgotten.
        """
        if self._known is None:
            self._known = self._delivery.applied(self.segment.name)
        data = self._read(tail)
        found = framing.scan(data, after=self.position.sequence, max_frames=MAX_RECORDS)
        if not found.frames:
            return self._next_chunk()
        frames = found.frames
        for gap in found.damage:
            frames, lost = self._mend(frames, gap)
            if lost:
                self._keep_damage(data[gap.start : gap.end], self.position.offset + gap.start)
        for group in self._groups(frames):
            self._deliver(group)
        return True

    def finish(self) -> None:
        """Drop a torn tail of a segment that nobody writes any more, and say so."""
        data = self._read(None)
        if data:
            self._keep_damage(data, self.position.offset, torn=True)
            path = self.segment.chunk(self.position.chunk)
            with path.open("r+b") as log:
                log.truncate(self.position.offset)

    def _mend(
        self, frames: list[framing.Frame], gap: framing.Damage
    ) -> tuple[list[framing.Frame], bool]:
        """Put what has a copy into a gap; say whether anything of it is lost."""
        index = next(i for i, frame in enumerate(frames) if frame.end > gap.end)
        before = frames[index - 1].sequence if index else self.position.sequence
        after = frames[index].sequence
        with contextlib.suppress(FileNotFoundError):
            copies = framing.scan(self.segment.beginnings.read_bytes(), after=before).frames
            found = [copy._replace(end=gap.end) for copy in copies if copy.sequence < after]
            return [*frames[:index], *found, *frames[index:]], len(found) < after - before - 1
        return frames, True

    def _groups(self, frames: list[framing.Frame]) -> Iterator[_Group]:
        """Split a batch before what must find earlier files there, and before a run of another's.

        Within a group the records go first and the files follow: few calls for a whole run.
        """
        base = self.position
        group = _Group()
        for frame in frames:
            record = self._decode(frame)
            operation = record.operation if record is not None else None
            missing = self._is_unseen(operation)
            if group.end is not None and (missing or (group.files and _needs_files(operation))):
                yield group
                group = _Group()
            if missing:
                self._expect(missing)
            if isinstance(operation, UploadArtifact) and record is not None:
                group.files.setdefault((operation.run_id, operation.model_id), []).append(record)
            elif record is not None:
                group.records.append(record)
            group.end = Position(base.chunk, base.offset + frame.end, frame.sequence)
        yield group

    def _is_unseen(self, operation: Operation | None) -> str:
        """Return the run that an operation is about, if it may be of another segment's making."""
        run_id: str | None = getattr(operation, "run_id", None)
        if run_id is None or run_id in self._runs:
            return ""
        if isinstance(operation, CreateRun):
            self._runs.add(run_id)
            return ""
        return run_id

    def _expect(self, run_id: str) -> None:
        """Go on if the run is there or was waited for. Raises: RunAwaited."""
        if not self._delivery.has_run(run_id):
            now = time.monotonic()
            if now - self._awaited.setdefault(run_id, now) < self._patience:
                raise RunAwaited(f"run {run_id} has not arrived yet; another process made it")
        self._awaited.pop(run_id, None)
        self._runs.add(run_id)

    def _deliver(self, group: _Group) -> None:
        self._apply(group.records)
        sent = [blob for uploads in group.files.values() for blob in self._upload(uploads)]
        assert group.end is not None
        self._move(group.end)
        for blob in sent:
            # After the move: a crash between the two leaves a copy too many, never one too few.
            self._drop(blob)

    def _read(self, tail: Position | None) -> bytes:
        path = self.segment.chunk(self.position.chunk)
        if not path.exists():
            return b""
        limit = MAX_BYTES
        if tail is not None and tail.chunk == self.position.chunk:
            limit = min(limit, tail.offset - self.position.offset)
        with path.open("rb") as log:
            log.seek(self.position.offset)
            data = log.read(limit)
            if len(data) < MAX_BYTES or framing.scan(data, max_frames=1).frames:
                return data
            # One record larger than a batch, or long damage: the whole file, which is bounded.
            return data + log.read(CHUNK_BYTES + framing.MAX_PAYLOAD)

    def _next_chunk(self) -> bool:
        """Go to the next log file if the writer has; what is left of this one is damage."""
        following = [number for number in self.segment.chunks() if number > self.position.chunk]
        if not following:
            return False
        rest = self._read(None)
        if framing.scan(rest, after=self.position.sequence, max_frames=1).frames:
            return True  # written between our reading and the roll
        if rest:
            self._keep_damage(rest, self.position.offset)
        self._move(Position(following[0], 0, self.position.sequence))
        return True

    def _decode(self, frame: framing.Frame) -> Record | None:
        try:
            return Record(frame.sequence, _DECODER.decode(frame.payload))
        except msgspec.DecodeError as error:
            path = self.segment.quarantine(f"record-{frame.sequence}.msgpack", frame.payload)
            self._refused(frame.sequence, f"a record cannot be read ({error}); kept in {path}")
            return None

    def _apply(self, records: list[Record]) -> None:
        if not records:
            return
        killpoints.reach("spool.before_apply")
        try:
            answer = self._delivery.apply(self.segment.name, records)
            killpoints.reach("spool.after_apply")
        except (BadInput, TooLarge) as error:
            self._split(records, error)
        else:
            for rejection in answer.rejected:
                self._report(rejection)

    def _split(self, records: list[Record], error: MainstayError) -> None:
        """A batch was refused as a whole: halve it, until only the culprit is left out."""
        if len(records) > 1:
            middle = len(records) // 2
            self._apply(records[:middle])
            self._apply(records[middle:])
            return
        record = records[0]
        data = msgspec.msgpack.encode(record.operation)
        path = self.segment.quarantine(f"record-{record.sequence}.msgpack", data)
        where = getattr(record.operation, "where", "")
        self._refused(record.sequence, f"{error.message}; kept in {path}", error.code, where)

    def _upload(self, uploads: list[Record]) -> list[Path]:
        """Upload files of one owner, and return the copies that are no longer needed."""
        waiting: list[tuple[int, Waiting]] = []
        for record in uploads:
            assert isinstance(record.operation, UploadArtifact)
            # A living writer's copy was hashed a moment ago.
            why = blobs.fault(self.segment, record.operation, look_inside=self._resumed)
            if why:
                self._refused(record.sequence, why, "DATA_LOSS")
                continue
            blob = self.segment.blob(record.operation.blob)
            if blob.exists():
                waiting.append((record.sequence, (record.operation, blob)))
            elif record.sequence > (self._known or 0):
                path = record.operation.path
                self._refused(record.sequence, f"the spooled copy of {path} is gone", "DATA_LOSS")
        if waiting:
            self._upload_files(waiting)
        return [blob for _, (_, blob) in waiting]

    def _upload_files(self, waiting: list[tuple[int, Waiting]]) -> None:
        try:
            self._delivery.upload([item for _, item in waiting])
            killpoints.reach("spool.after_upload")
        except EndpointNotFound:
            raise
        except (BadInput, NotFound, Conflict, TooLarge) as error:
            if len(waiting) > 1:
                for one in waiting:
                    self._upload_files([one])
                return
            sequence, (record, _) = waiting[0]
            self._refused(sequence, f"{record.path} was not uploaded: {error.message}", error.code)

    def _drop(self, blob: Path) -> None:
        size = blob.stat().st_size
        blob.unlink(missing_ok=True)
        self._freed(size)

    def _move(self, position: Position) -> None:
        if position == self.position:
            return
        behind = self.position
        killpoints.reach("spool.before_offset")
        self.segment.save_offset(position)
        killpoints.reach("spool.after_offset")
        self.position = position
        if position.chunk > behind.chunk:
            self._freed(behind.offset)

    def _keep_damage(self, data: bytes, offset: int, *, torn: bool = False) -> None:
        label = f"{self.position.chunk:06d}-{offset}.bin"
        if label in self._said:
            return
        self._said.add(label)
        path = self.segment.quarantine(label, data)
        what = "the unfinished end" if torn else "a damaged part"
        self._refused(
            self.position.sequence + 1,
            f"{what} of the spool ({len(data)} bytes) cannot be read and was left out; "
            f"kept in {path}",
            "DATA_LOSS",
        )

    def _refused(
        self, sequence: int, message: str, code: str = "INVALID_PARAMETER_VALUE", where: str = ""
    ) -> None:
        # A batch that is tried again finds the same faults; each is said once.
        if message not in self._said:
            self._said.add(message)
            self._report(
                Rejection(sequence=sequence, error_code=code, message=message, where=where)
            )


def _needs_files(operation: Operation | None) -> bool:
    """Say whether files logged before must be there first: a model is ready, a run has ended."""
    if isinstance(operation, UpdateRun):
        return operation.status in TERMINAL
    return isinstance(operation, (FinalizeLoggedModel, CreateVersion))
