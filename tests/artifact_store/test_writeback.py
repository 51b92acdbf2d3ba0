"""The disk is told of a large file's bytes while the rest comes, and the file is what was sent."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from mainstay.artifact_store.base import CHUNK
from mainstay.artifact_store.local import LocalFolder
from mainstay.artifact_store.writeback import STEP, Writeback


def test_a_file_of_several_steps_is_stored_as_it_came(tmp_path: Path) -> None:
    chunks = [os.urandom(CHUNK)] * (2 * STEP // CHUNK) + [b"the end"]
    written = LocalFolder(tmp_path).write("large.bin", chunks)
    whole = b"".join(chunks)
    assert (tmp_path / "large.bin").read_bytes() == whole
    assert (written.size, written.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())


def test_a_file_that_cannot_be_told_of_does_no_harm() -> None:
    read, write = os.pipe()
    try:
        Writeback(write).reached(STEP)  # the system refuses: it is no file
        os.write(write, b"on")
        assert os.read(read, 10) == b"on"
    finally:
        os.close(read)
        os.close(write)
