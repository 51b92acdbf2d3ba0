"""What the process writes to stdout and stderr, kept in a file while it is shown as before.

The operating system's streams are turned into pipes of a small process that copies them
(``tee.py``), so that output of native libraries and child processes is kept as well. Streams of
Python that do not lead there (a notebook's) are copied as they are written to.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMIT = 32 << 20
"""Bytes that are kept from the start of the output; beyond it, its last eighth."""

DRAIN = 10.0
"""Seconds that the end waits for the copying process to take what is in its pipes."""

WAIT = 2.0
"""Seconds that it then waits for that process to end, which children that live on may prevent."""

_LINE_BUFFERED = 1  # _IOLBF of stdio.h, on Linux and macOS


class Capture:
    """Output from here on, in a file; ``stop`` puts the streams back."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        """Begin. Raises: OSError where the streams cannot be redirected."""
        if os.name != "posix":
            raise OSError("streams are redirected on Linux and macOS only")
        self._folder = tempfile.TemporaryDirectory(prefix="mainstay-output-")
        self.file = Path(self._folder.name) / "output.log"
        self.file.touch(0o600)
        self._saved = (os.dup(1), os.dup(2))
        _flush()
        pipes = (os.pipe(), os.pipe())
        try:
            self._tee = self._start_tee(limit, [pipes[0][0], pipes[1][0], *self._saved])
        except OSError:
            for number in (*pipes[0], *pipes[1], *self._saved):
                os.close(number)
            raise
        for (reading, writing), number in zip(pipes, (1, 2), strict=True):
            os.dup2(writing, number)
            os.close(reading)
            os.close(writing)
        self._streams = [_Stream(sys.stdout, 1, self.file), _Stream(sys.stderr, 2, self.file)]
        _buffer_lines()

    def _start_tee(self, limit: int, handed: list[int]) -> subprocess.Popen[bytes]:
        script = str(Path(__file__).with_name("tee.py"))
        return subprocess.Popen(
            [sys.executable, "-I", "-S", script, str(self.file), str(limit), *map(str, handed)],
            pass_fds=handed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop(self) -> None:
        """Put the streams back and wait, bounded, until the file holds everything."""
        _flush()
        for stream in self._streams:
            stream.undo()
        deadline = time.monotonic() + DRAIN
        while (_unread(1) or _unread(2)) and time.monotonic() < deadline:
            if self._tee.poll() is not None:
                break
            time.sleep(0.005)
        for saved, number in zip(self._saved, (1, 2), strict=True):
            os.dup2(saved, number)
            os.close(saved)
        # A child process that lives on keeps the pipe open: what it writes later is only shown.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._tee.wait(WAIT)

    def remove(self) -> None:
        """Delete the file."""
        self._folder.cleanup()


class _Stream:
    """One of Python's two streams during a capture.

    One that leads to the redirected descriptor writes line by line from now on. Any other has its
    ``write`` copied into the file: the object stays the same, since logging handlers hold it.
    """

    def __init__(self, stream: Any, number: int, file: Path) -> None:
        self._stream = stream
        self._was_buffered: bool | None = None
        self._file: int | None = None
        if stream is None:
            return
        if _leads_to(stream, number):
            self._was_buffered = not stream.line_buffering
            stream.reconfigure(line_buffering=True)
            return
        copied = os.open(file, os.O_WRONLY | os.O_APPEND)
        write = stream.write

        def write_and_copy(text: str) -> Any:
            with contextlib.suppress(OSError, AttributeError):
                os.write(copied, text.encode(errors="replace"))
            return write(text)

        try:
            stream.write = write_and_copy
            self._file = copied
        except AttributeError:  # an object that lets nothing be set
            os.close(copied)

    def undo(self) -> None:
        """Leave the stream as it was found."""
        if self._was_buffered:
            with contextlib.suppress(ValueError):  # closed meanwhile
                self._stream.reconfigure(line_buffering=False)
        if self._file is not None:
            with contextlib.suppress(AttributeError):
                del self._stream.write
            os.close(self._file)
            self._file = None


def _leads_to(stream: Any, number: int) -> bool:
    if not isinstance(stream, io.TextIOWrapper):
        return False
    try:
        return stream.fileno() == number
    except (OSError, ValueError):
        return False


def _unread(number: int) -> int:
    """Return how many bytes wait in the pipe behind a descriptor."""
    import fcntl
    import termios

    try:
        return int.from_bytes(fcntl.ioctl(number, termios.FIONREAD, bytes(4)), sys.byteorder)
    except OSError:
        return 0


def _flush() -> None:
    """Have everything written that Python and the C library hold back."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)


def _buffer_lines() -> None:
    """Have the C library's stdout written line by line, as to a terminal."""
    for name in ("stdout", "__stdoutp"):  # glibc and musl; macOS
        with contextlib.suppress(OSError, AttributeError, ValueError):
            library = ctypes.CDLL(None)
            library.setvbuf(ctypes.c_void_p.in_dll(library, name), None, _LINE_BUFFERED, 0)
