"""Output of a run: a thread logs what was printed, a piece at a time, through the spool.

The pieces are files ``output/20260131T120000-4711-000001.log`` (when this process began, its id, a
number), each ending with a line: whoever reads a process's in order has its output. The first comes
after seconds; the older the run, the rarer they are: a week of training has some hundred.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from mainstay.spool.reports import warn

FOLDER = "output"

FIRST, SHARE = 5.0, 50.0
"""Seconds to the first piece; of a run's age, the share that passes between two later ones."""

PIECE = 4 << 20
"""Bytes that one piece may have."""

_lock = threading.Lock()
_recording: Recorder | None = None


class Recorder:
    """Logs what this process prints until it is stopped."""

    def __init__(self, log: Callable[[bytes, str], None]) -> None:
        """Log with ``log``: bytes, and the file's name.

        Raises: OSError where output cannot be captured.
        """
        from mainstay.capture.output import Capture

        self._log = log
        self._name = f"{FOLDER}/{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.getpid()}"
        self._number = 0
        self._capture = Capture()
        self._file = self._capture.file.open("rb")
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mainstay-output", daemon=True)

    @classmethod
    def begin(cls, log: Callable[[bytes, str], None]) -> Recorder | None:
        """Start; None, with a warning, where it cannot be done or another run records already."""
        global _recording
        with _lock:
            if _recording is not None:
                warn(
                    "output is not captured for this run: another run of this process captures it "
                    "already, and there is only one output"
                )
                return None
            try:
                recorder = cls(log)
            except OSError as error:
                warn(f"output is not captured ({error})")
                return None
            recorder._thread.start()
            _recording = recorder
            return recorder

    def stop(self) -> None:
        """Put the streams back, and log the rest."""
        global _recording
        with _lock:
            _recording = None
        self._stop.set()
        self._thread.join(FIRST)
        self._capture.stop()
        self._publish(last=True)
        self._file.close()
        self._capture.remove()

    def _run(self) -> None:
        try:
            while not self._stop.wait(self._pause()):
                self._publish()
        except Exception as error:  # noqa: BLE001 - training's border: a worker that may not end it
            warn(f"output is no longer logged ({type(error).__name__}: {error})")

    def _pause(self) -> float:
        return max(FIRST, (time.monotonic() - self._began) / SHARE)

    def _publish(self, *, last: bool = False) -> None:
        """Log what is new, up to the end of its last line."""
        while True:
            start = self._file.tell()
            piece = self._file.read(PIECE)
            if not (last and len(piece) < PIECE):
                whole = piece.rfind(b"\n") + 1
                piece = piece[: whole or (PIECE if len(piece) == PIECE else 0)]
                self._file.seek(start + len(piece))
            if not piece:
                return
            self._number += 1
            self._log(piece, f"{self._name}-{self._number:06}.log")
