"""Bytes are hashed while they are written, whether or not by a thread of their own."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from mainstay.artifact_store.base import CHUNK
from mainstay.artifact_store.hashing import Hashing
from mainstay.artifact_store.local import LocalFolder
from mainstay.artifact_store.transfer import fetch_tree


@pytest.mark.parametrize("large", [False, True])
def test_the_hash_is_that_of_all_chunks_in_their_order(large: bool) -> None:
    chunks = [os.urandom(size) for size in (1, CHUNK, 5000, CHUNK // 3)]
    with Hashing(large=large) as hashing:
        for chunk in chunks:
            hashing.update(chunk)
    assert hashing.hexdigest() == hashlib.sha256(b"".join(chunks)).hexdigest()


@pytest.mark.parametrize("large", [False, True])
def test_an_error_in_between_leaves_no_thread_at_work(large: bool) -> None:
    def broken(hashing: Hashing) -> None:
        with hashing:
            hashing.update(b"some")
            raise ZeroDivisionError

    hashing = Hashing(large=large)
    with pytest.raises(ZeroDivisionError):
        broken(hashing)
    assert hashing.hexdigest() == hashlib.sha256(b"some").hexdigest()
    assert not [thread for thread in threading.enumerate() if "mainstay-hash" in thread.name]


def test_a_fetched_folder_is_told_with_sizes_and_hashes(tmp_path: Path) -> None:
    store = LocalFolder(tmp_path / "store")
    contents = {"a.txt": b"a", "in/empty": b"", "in/large.bin": os.urandom(3 * CHUNK + 7)}
    for path, content in contents.items():
        store.write(path, [content])
    told = fetch_tree(store, "", tmp_path / "copy")
    assert {path: (one.size, one.sha256) for path, one in told.items()} == {
        path: (len(content), hashlib.sha256(content).hexdigest())
        for path, content in contents.items()
    }
    assert {path: (tmp_path / "copy" / path).read_bytes() for path in contents} == contents
    assert list(fetch_tree(store, "in/large.bin", tmp_path / "one")) == ["in/large.bin"]
