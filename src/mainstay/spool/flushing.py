"""When records reach the disk itself: at each call, each second, or when the system likes.

``interval`` is the default: a killed process loses nothing, a power cut the last second at most.
``always`` flushes before a log call returns. ``never`` leaves it to the system, which may take half
a minute. Where records are sent, the sender flushes; where nobody sends, a thread of its own does.
"""

from __future__ import annotations

import threading

from mainstay.spool.reports import Reports, say
from mainstay.spool.writer import Writer

SECONDS = 1.0


def flush(writer: Writer, reports: Reports) -> None:
    """Flush what was appended. Training goes on where the disk cannot, with one warning."""
    try:
        writer.sync()
    except OSError as error:
        reports.trouble(
            "flush",
            f"the disk of the spool failed ({say(error)}): what was logged until now survives the "
            "end of this process, but perhaps no power cut; look at the disk, and set "
            "MAINSTAY_SPOOL_DIR to a folder on another",
        )


class Flusher:
    """Flushes offline records once a second, while there are any."""

    def __init__(self, writer: Writer, reports: Reports) -> None:
        self._writer = writer
        self._reports = reports
        self._woken = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mainstay-flusher", daemon=True)

    def start(self) -> None:
        """Begin; where no thread can start any more, the end of the program flushes."""
        try:
            self._thread.start()
        except RuntimeError:
            self._stop.set()

    def wake(self) -> None:
        """Say that there is something to flush."""
        if not self._woken.is_set():
            self._woken.set()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._woken.wait()
            self._woken.clear()
            flush(self._writer, self._reports)
            self._stop.wait(SECONDS)
