"""The spool of one process and one target: append and go on; a thread sends.

A forked child begins a segment of its own. Nothing here raises into training for the sake of the
target, the network or the disk: what cannot be done is said once, by a warning.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import msgspec

from mainstay import settings
from mainstay.entities.spool import CreateRun, Operation, UpdateRun, UploadArtifact
from mainstay.errors import NotYetSent, OutOfSpace, TooLarge
from mainstay.spool.connection import Connection
from mainstay.spool.delivery import Stores
from mainstay.spool.filesystems import networked
from mainstay.spool.flushing import Flusher, flush
from mainstay.spool.reports import Reports, say
from mainstay.spool.segment import Target
from mainstay.spool.sender import Sender
from mainstay.spool.writer import Writer

NO_LATE_THREADS = sys.version_info[:2] == (3, 12) and sys.version_info[2] < 2
"""Whether this interpreter starts no thread from the moment on that a script ends (gh-113964).

Connecting needs one; so a script that ends at once would leave its records for the next start.
"""

FIRST_WAIT = 10.0
"""Seconds that its first record is waited for there, at the most."""


class Spool:
    """Everything between a log call and the target, for this process."""

    def __init__(
        self,
        uri: str,
        connect: Callable[[], Stores],
        *,
        registry_uri: str | None = None,
        root: Path | None = None,
        offline: bool | None = None,
    ) -> None:
        """Prepare; nothing is written, connected or started before the first record."""
        self.uri = uri
        self.reports = Reports()
        self.root = root if root is not None else settings.SPOOL_DIR.get()
        self._fsync = settings.SPOOL_FSYNC.get()
        self.offline = settings.OFFLINE.get() if offline is None else offline
        if offline is None and not settings.OFFLINE.is_set():
            self.offline = self._lies_elsewhere()
        self._registry_uri = registry_uri
        self._connect = connect
        self._inherited: list[object] = []
        self._begin()
        _ALL.add(self)

    def _lies_elsewhere(self) -> bool:
        """Say, and warn, that the database is on a network file system: nothing is sent there."""
        path = self.uri.removeprefix("sqlite:///") if self.uri.startswith("sqlite:///") else ""
        kind = networked(path) if path else None
        if kind is not None:
            self.reports.trouble(
                "network",
                f"the database {path} lies on a network file system ({kind}), where SQLite's locks "
                f"do not hold: what is logged stays in {self.root}. When nobody else writes to "
                "the database, send it with `mainstay sync`; better, keep the database on a local "
                "disk and run `mainstay server` there. MAINSTAY_OFFLINE=0 sends all the same",
            )
        return kind is not None

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._writer: Writer | None = None
        self._sender: Sender | None = None
        self._flusher: Flusher | None = None
        self._connection = Connection(self._connect)

    # -- writing -----------------------------------------------------------------------------
    def append(self, operation: Operation) -> int | None:
        """Keep a record, and return its sequence; None if it could not be kept (a warning said so).

        It is in the operating system's hands on return (a killed process loses nothing), on the
        disk's platter within about a second (``MAINSTAY_SPOOL_FSYNC``), and at the target as soon
        as that answers.
        """
        writer = self._writer
        try:
            if writer is None:
                writer = self._start()
            sequence = writer.append(operation)
        except (OutOfSpace, TooLarge, OSError) as error:
            self.reports.trouble("append", f"log calls are being lost: {say(error)}")
            return None
        if self._fsync == "always":
            flush(writer, self.reports)
        elif self._flusher is not None:
            self._flusher.wake()
        sender = self._sender
        if sender is not None:
            sender.wake()
            if isinstance(operation, (CreateRun, UpdateRun)):
                sender.follow(operation)
            if sequence == 1 and NO_LATE_THREADS:
                sender.wait_for(sequence, FIRST_WAIT, while_hopeful=True)
        return sequence

    def follow(self, run_id: str) -> None:
        """Send heartbeats for a run that is said to run already; until its end is appended."""
        try:
            self._start()
        except OSError:  # said by the first record that cannot be kept
            return
        if self._sender is not None:
            self._sender.follow(UpdateRun(run_id=run_id, status="RUNNING"))

    def gather(self, seconds: float) -> None:
        """Say that a burst of records begins, which is better sent together. See ``gathered``."""
        if self._sender is not None:
            self._sender.gather(seconds)

    def gathered(self) -> None:
        """Say that the burst is over: it is sent now."""
        if self._sender is not None:
            self._sender.gathered()

    def add_file(
        self,
        source: Path | bytes,
        path: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
    ) -> int | None:
        """Keep a copy of a file, or bytes, for upload below a run's or model's root.

        A file that does not fit is uploaded at once, if the target answers; else None is returned
        and a warning says that it is lost. Raises: OSError if ``source`` cannot be read.
        """
        record = UploadArtifact(blob="", path=path, run_id=run_id, model_id=model_id)
        if isinstance(source, Path):
            source.open("rb").close()  # what cannot be read is the caller's to know, at once
        try:
            writer = self._writer or self._start()
            if isinstance(source, Path):
                blob, size, digest = writer.copy_in(source)
            else:
                blob, size, digest = writer.keep(path, len(source), [source])
        except (OutOfSpace, OSError) as error:
            if not (isinstance(source, Path) and self._send_at_once(record, source)):
                self.reports.trouble(f"media {path}", f"{path} was not kept: {say(error)}")
            return None
        return self.append(msgspec.structs.replace(record, blob=blob, size=size, sha256=digest))

    def _send_at_once(self, record: UploadArtifact, source: Path) -> bool:
        writer = self._writer
        wait = settings.READ_WAIT.get()
        if writer is None or self.offline or not self.flush(wait, while_hopeful=True):
            return False
        try:
            self._connection.delivery(writer.segment).upload([(record, source)])
        except Exception:  # noqa: BLE001 - training's border: the caller says that it is lost
            return False
        return True

    def _start(self) -> Writer:
        with self._lock:
            if self._writer is None:
                self._writer = self._new_writer()
                _flush_when_worker_ends()
            if self._sender is None and not self.offline:
                self._sender = Sender(
                    self._writer, self._connection, self.reports, uri=self.uri, root=self.root
                )
                self._sender.start()
            if self.offline and self._flusher is None and self._fsync == "interval":
                self._flusher = Flusher(self._writer, self.reports)
                self._flusher.start()
            return self._writer

    def _new_writer(self) -> Writer:
        target = Target(
            uri=self.uri,
            registry_uri=self._registry_uri,
            pid=os.getpid(),
            host=platform.node(),
            program=sys.argv[0] if sys.argv else "",
            created_at=time.time_ns() // 1_000_000,
            parent=_parent(),
            offline=self.offline,
        )
        cap = settings.SPOOL_CAP.get()
        try:
            return Writer(self.root, target, cap=cap, fsync=self._fsync)
        except OSError as error:
            import tempfile

            other = Path(tempfile.gettempdir()) / f"mainstay-spool-{_user()}"
            self.reports.trouble(
                "folder",
                f"the spool folder {self.root} cannot be used ({error}); using {other}; "
                "set MAINSTAY_SPOOL_DIR",
            )
            return Writer(other, target, cap=cap, fsync=self._fsync)

    # -- waiting -----------------------------------------------------------------------------
    def flush(self, timeout: float, *, while_hopeful: bool = False) -> bool:
        """Wait until everything appended so far is confirmed; say whether it is.

        Who asks for this waits all of ``timeout`` seconds: a network that fails now and then may
        well be through by then. A wait that nobody asked for (before a read, at the end of a run)
        is ``while_hopeful``: it ends early when the target has failed again and again, and failed
        once more now.
        """
        writer, sender = self._writer, self._sender
        if writer is None:
            return True
        if sender is None:
            return False
        return sender.wait_for(writer.tail().sequence, timeout, while_hopeful=while_hopeful)

    def settle(self) -> None:
        """Wait, bounded, before a read. Raises: NotYetSent if records still wait after that."""
        if self.flush(settings.READ_WAIT.get(), while_hopeful=True):
            return
        if self.offline:
            why = "MAINSTAY_OFFLINE is set"
        else:
            why = self._sender.trouble if self._sender is not None else "the target is slow"
        raise NotYetSent(
            f"records of this process still wait in the spool ({why}), so reading now would miss "
            "them; try again later, or send them with `mainstay sync`"
        )

    def stores(self) -> Stores:
        """Return the connected other end. Raises: what connecting raises."""
        return self._connection.stores()

    def ours(self, timeout: float) -> bool:
        """Say whether the target is mainstay; yes, as long as it does not answer in time."""
        if self.offline or not self.uri.startswith("http"):
            return True
        try:
            self._start()
        except OSError:  # said by the first record that cannot be kept
            return True
        sender = self._sender
        return sender is None or sender.ours(timeout)

    def theirs(self, run_id: str) -> str:
        """Return the id under which a foreign server knows a run; ours if it is the same."""
        writer = self._writer
        return writer.segment.ids().get(run_id, run_id) if writer is not None else run_id

    def close(self, timeout: float) -> bool:
        """Flush, stop, and delete the segment if nothing is left in it; say whether so."""
        deadline = time.monotonic() + timeout
        done = self.flush(timeout, while_hopeful=True)
        if done and self._sender is not None:
            self._sender.take_over(deadline - time.monotonic())
        writer, sender, connection = self._writer, self._sender, self._connection
        if self._flusher is not None:
            self._flusher.stop()
        ended = sender is None or sender.stop(1.0 if done else 0.2)
        if writer is not None:
            writer.close()
            if done and sender is not None and sender.confirmed >= writer.tail().sequence:
                writer.segment.remove()
        if ended:
            connection.close()
        self._begin()
        return done

    def _after_fork(self) -> None:
        """In the child: leave the parent's files and connections alone, and begin afresh."""
        # Kept, never closed: closing the parent's database or sockets would disturb the parent.
        self._inherited += [self._connection, self._sender]
        if self._writer is not None:
            self._writer.forget()
        if self._sender is not None:
            self._sender.forget()
        self.reports = Reports()
        self._begin()


def close_all(timeout: float) -> bool:
    """Flush and close every spool of this process, within ``timeout`` seconds in all."""
    deadline = time.monotonic() + timeout
    done = [spool.close(max(0.1, deadline - time.monotonic())) for spool in list(_ALL)]
    return all(done)


_ALL: weakref.WeakSet[Spool] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for spool in list(_ALL):
        spool._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def _flush_when_worker_ends() -> None:
    """A multiprocessing worker ends without ``atexit``; it has its own list of last things."""
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, close_all, args=(settings.END_WAIT.get(),), exitpriority=10)


def _parent() -> int:
    """Return the process that started this one; under ``forkserver`` that is not the system's."""
    process = sys.modules.get("multiprocessing.process")
    parent = process.parent_process() if process is not None else None
    return parent.pid if parent is not None and parent.pid else os.getppid()


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"
