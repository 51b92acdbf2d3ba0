"""Copy two streams to where they went before, and into a file; a process of its own.

Outside of the process that writes, so that output of a native library that holds the interpreter's
lock is taken too, nobody waits for anybody, and what was written before a crash is shown and kept.
Run by path, with nothing but the standard library's smallest parts:
``python -I -S tee.py FILE LIMIT OUT_PIPE ERR_PIPE OUT ERR``, the last four file descriptors.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

BLOCK = 1 << 16


class Kept:
    """A file of bounded size: the first bytes as they come, and the last ones at the end."""

    def __init__(self, path: str, limit: int) -> None:
        """Keep ``limit`` bytes at once; of what comes after, the last eighth of that."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._room = limit
        self._last = b""
        self._most = limit // 8
        self._left_out = 0
        self._lock = threading.Lock()

    def add(self, data: bytes) -> None:
        """Keep these bytes. A disk that takes no more is no reason to stop the copying."""
        with self._lock:
            now, later = data[: self._room], data[self._room :]
            self._room -= len(now)
            self._write(now)
            if later:
                both = self._last + later
                self._last = both[-self._most :]
                self._left_out += len(both) - len(self._last)

    def close(self) -> None:
        """Write what was held back, after a line that says how much is missing before it."""
        with self._lock:
            if self._left_out:
                self._write(b"\n[... %d bytes left out ...]\n" % self._left_out)
            self._write(self._last)
            self._last = b""
            os.close(self._file)

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            self._room = 0


def copy(source: int, target: int, kept: Kept) -> None:
    """Copy until the last writer has closed; a reader that went away does not end the copying.

    The file gets whole lines, since another stream is copied into it too; what is shown does not
    wait for them.
    """
    shown = True
    line = b""
    while data := os.read(source, BLOCK):
        rest = data
        while rest and shown:
            try:
                rest = rest[os.write(target, rest) :]
            except OSError:
                shown = False
        line += data
        end = max(line.rfind(b"\n"), line.rfind(b"\r")) + 1  # \r: a bar of progress
        if end or len(line) >= BLOCK:
            end = end or len(line)
            kept.add(line[:end])
            line = line[end:]
    kept.add(line)


def main(path: str, limit: str, *descriptors: str) -> None:
    """Copy both streams until both have ended."""
    out_pipe, error_pipe, out, error = map(int, descriptors)
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, signal.SIG_IGN)  # ends when the writers end, and not before
    kept = Kept(path, int(limit))
    errors = threading.Thread(target=copy, args=(error_pipe, error, kept))
    errors.start()
    copy(out_pipe, out, kept)
    errors.join()
    kept.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
