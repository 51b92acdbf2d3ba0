"""The beginnings of files, in a folder and in a bucket: what came is kept, and checked."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from mainstay.artifact_store import paths, unfinished
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.local import LocalFolder
from mainstay.artifact_store.object import ObjectStore
from mainstay.artifact_store.unfinished import LocalUnfinished, Unfinished
from mainstay.errors import BadInput, BadRequest, Conflict

KEY = "0123456789abcdef" * 2
BODY = bytes(range(256)) * 1000
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    return (
        LocalFolder(tmp_path / "root") if request.param == "folder" else ObjectStore(MemoryStore())
    )


@pytest.fixture
def begun(store: ArtifactStore) -> Unfinished:
    return unfinished.of(store)


def test_a_file_comes_in_pieces_and_appears_when_it_is_whole(
    store: ArtifactStore, begun: Unfinished
) -> None:
    assert begun.offset(KEY) == 0
    assert begun.append(KEY, 0, [BODY[:1000], BODY[1000:5000]]) == 5000
    assert begun.append(KEY, 5000, [BODY[5000:]]) == len(BODY)
    assert store.list() == []
    written = begun.finish(KEY, "a/model.bin", size=len(BODY), sha256=SHA)
    assert (written.size, written.sha256) == (len(BODY), SHA)
    assert b"".join(store.read("a/model.bin")) == BODY
    assert [info.path for info in store.list()] == ["a"]
    assert begun.offset(KEY) == 0


def test_another_process_goes_on_with_it(store: ArtifactStore, begun: Unfinished) -> None:
    begun.append(KEY, 0, [BODY[:5000]])
    other = unfinished.of(store)
    assert other.offset(KEY) == 5000
    other.append(KEY, 5000, [BODY[5000:]])
    # This one has the hash of the first piece in memory, and must not believe it.
    assert begun.finish(KEY, "m", size=len(BODY), sha256=SHA).sha256 == SHA


def test_a_piece_that_does_not_follow_is_refused_with_where_to_go_on(begun: Unfinished) -> None:
    begun.append(KEY, 0, [BODY[:5000]])
    for start in (0, 4999, 5001):
        with pytest.raises(Conflict, match="5000 bytes of this upload are here"):
            begun.append(KEY, start, [b"x"])
    assert begun.offset(KEY) == 5000


def test_a_piece_that_is_cut_off_leaves_an_upload_that_can_go_on(
    store: ArtifactStore, begun: Unfinished
) -> None:
    def cut() -> Iterator[bytes]:
        yield BODY[:3000]
        raise BadRequest("the body was cut off")

    with pytest.raises(BadRequest):
        begun.append(KEY, 0, cut())
    at = begun.offset(KEY)
    assert at in (0, 3000)
    begun.append(KEY, at, [BODY[at:]])
    assert begun.finish(KEY, "m", size=len(BODY), sha256=SHA).size == len(BODY)


def test_what_is_not_what_was_announced_is_dropped_and_changes_nothing(
    store: ArtifactStore, begun: Unfinished
) -> None:
    store.write("m", [b"before"])
    begun.append(KEY, 0, [BODY[:-1] + b"?"])
    with pytest.raises(BadInput, match="not come as it was announced"):
        begun.finish(KEY, "m", size=len(BODY), sha256=SHA)
    assert b"".join(store.read("m")) == b"before"
    begun.discard(KEY)
    assert begun.offset(KEY) == 0


def test_an_empty_file_can_be_sent_so_too(store: ArtifactStore, begun: Unfinished) -> None:
    begun.append(KEY, 0, [])
    begun.finish(KEY, "empty", size=0, sha256=hashlib.sha256().hexdigest())
    assert b"".join(store.read("empty")) == b""


def test_what_nobody_goes_on_with_is_cleared(store: ArtifactStore, begun: Unfinished) -> None:
    assert isinstance(store, LocalFolder | ObjectStore)
    begun.append(KEY, 0, [BODY])
    assert store.clear_partials(before=time.time() - 60) == 0
    assert begun.offset(KEY) == len(BODY)
    assert store.clear_partials(before=time.time() + 60) == 1
    assert begun.offset(KEY) == 0


def test_nothing_of_it_can_be_named_from_outside(store: ArtifactStore, begun: Unfinished) -> None:
    begun.append(KEY, 0, [BODY])
    with pytest.raises(BadInput):
        store.read(f"{paths.UPLOADS}/.~{KEY}.part")
    with pytest.raises(BadInput, match="names no upload"):
        begun.append("../" * 10 + "ab", 0, [b"x"])


def test_two_cannot_write_to_one_upload_at_once(tmp_path: Path) -> None:
    begun = LocalUnfinished(LocalFolder(tmp_path))

    def meanwhile() -> Iterator[bytes]:
        yield BODY[:10]
        with pytest.raises(Conflict, match="at work on another connection"):
            LocalUnfinished(LocalFolder(tmp_path)).append(KEY, 0, [b"x"])
        yield BODY[10:]

    assert begun.append(KEY, 0, meanwhile()) == len(BODY)


def test_a_finished_upload_follows_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(outside)
    begun = LocalUnfinished(LocalFolder(root))
    begun.append(KEY, 0, [BODY])
    with pytest.raises(BadInput, match="goes through a file or a link"):
        begun.finish(KEY, "link/m", size=len(BODY), sha256=SHA)
    assert list(outside.iterdir()) == []
