"""A local folder is contained and leaves nothing half-written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.artifact_store.local import LocalFolder
from mainstay.errors import BadInput, NotFound, OutOfSpace


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> LocalFolder:
    (tmp_path / "root").mkdir()
    return LocalFolder(tmp_path / "root")


def test_a_link_to_a_folder_outside_leads_nowhere(store: LocalFolder, outside: Path) -> None:
    (store.root / "link").symlink_to(outside)
    with pytest.raises(NotFound):
        store.read("link/secret.txt")
    with pytest.raises(BadInput):
        store.write("link/new.txt", [b"x"])
    assert store.list("link") == []
    assert store.list() == []
    assert [file.name for file in outside.iterdir()] == ["secret.txt"]


def test_a_link_to_a_file_outside_is_neither_read_nor_written(
    store: LocalFolder, outside: Path
) -> None:
    (store.root / "link.txt").symlink_to(outside / "secret.txt")
    with pytest.raises(NotFound):
        store.read("link.txt")
    with pytest.raises(BadInput):
        store.write("link.txt", [b"x"])
    assert (outside / "secret.txt").read_text() == "secret"


def test_deleting_a_link_or_a_folder_with_links_leaves_their_targets(
    store: LocalFolder, outside: Path
) -> None:
    (store.root / "link").symlink_to(outside)
    store.write("folder/a.txt", [b"x"])
    (store.root / "folder" / "link").symlink_to(outside)
    store.delete("link")
    store.delete("folder")
    assert (outside / "secret.txt").read_text() == "secret"
    assert list(store.root.iterdir()) == []


def test_pipes_and_other_special_files_are_not_files(store: LocalFolder) -> None:
    os.mkfifo(store.root / "pipe")
    with pytest.raises(NotFound):
        store.read("pipe")
    with pytest.raises(BadInput):
        store.write("pipe", [b"x"])


def test_a_file_being_written_is_not_seen(store: LocalFolder) -> None:
    seen: list[list[str]] = []

    def chunks() -> Iterator[bytes]:
        yield b"half"
        seen.append([info.path for info in store.list()])
        yield b" and half"

    store.write("a.txt", chunks())
    assert seen == [[]]
    assert [file.name for file in store.root.iterdir()] == ["a.txt"]


def test_file_and_folder_are_flushed_before_the_write_returns(
    store: LocalFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[bool] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        flushed.append(os.path.isdir(f"/proc/self/fd/{handle}"))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    store.write("new/a.txt", [b"x"])
    assert flushed == [True, False, True]


def test_a_full_disk_is_said_so_and_leaves_nothing(store: LocalFolder) -> None:
    import errno

    def chunks() -> Iterator[bytes]:
        yield b"some"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutOfSpace, match=r"a\.txt"):
        store.write("a.txt", chunks())
    assert list(store.root.iterdir()) == []
