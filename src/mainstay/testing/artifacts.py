"""The contract of artifact stores as tests: subclass, and give a fixture ``store``.

class TestMyStore(ArtifactStoreContract):
    @pytest.fixture
    def store(self):
        return MyStore(...)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.transfer import download_tree, upload_tree
from mainstay.errors import BadInput, NotFound

UNSAFE = (
    *("..", "../x", "a/../x", "a/../../x", "/etc/passwd", "//x", "a//b", "./a", "a/./b", "..;/x"),
    *("%2e%2e/x", "%2E%2E%2Fx", "a/%252e%252e/x", "%25252e%25252e/x", "..%2fx", "%2fetc/passwd"),
    *("..\\x", "a\\..\\x", "%5c..%5cx", "C:\\x", "C:/x", "a\x00b", "a%00b", "a\nb", "a/\x7f"),
    *("file:/etc/passwd", "http://x/y", ".. /x", "a/..#b", "a/..?b", "...", "n" * 300),
    *("a/" * 2000 + "b", "\ud800", ".~0123.part"),
)
"""Paths that every store refuses, in many spellings."""


class ArtifactStoreContract:
    """What any artifact store does."""

    def test_a_file_reads_back_as_it_was_written(self, store: ArtifactStore) -> None:
        content = [b"one ", b"", b"two " * 500_000]
        written = store.write("model/data/weights.bin", iter(content), size=2_000_004)
        assert written.size == 2_000_004
        assert written.sha256 == hashlib.sha256(b"".join(content)).hexdigest()
        assert b"".join(store.read("model/data/weights.bin")) == b"".join(content)

    def test_an_empty_file_is_a_file(self, store: ArtifactStore) -> None:
        assert store.write("empty.txt", [], size=0).size == 0
        assert b"".join(store.read("empty.txt")) == b""
        assert [(info.path, info.file_size) for info in store.list()] == [("empty.txt", 0)]

    def test_writing_again_replaces_the_content(self, store: ArtifactStore) -> None:
        store.write("a.txt", [b"a long first text"])
        store.write("a.txt", [b"short"])
        assert b"".join(store.read("a.txt")) == b"short"

    def test_a_listing_shows_one_level_with_paths_from_the_root(self, store: ArtifactStore) -> None:
        for path in ("b.txt", "a/deep/x.txt", "a/y.txt"):
            store.write(path, [b"12345"])
        assert [(i.path, i.is_dir, i.file_size) for i in store.list()] == [
            ("a", True, None),
            ("b.txt", False, 5),
        ]
        assert [(i.path, i.is_dir) for i in store.list("a")] == [
            ("a/deep", True),
            ("a/y.txt", False),
        ]

    def test_missing_folders_and_files_list_as_nothing(self, store: ArtifactStore) -> None:
        store.write("a.txt", [b"x"])
        assert store.list("nowhere") == []
        assert store.list("a.txt") == []

    def test_reading_what_is_not_there_is_not_found(self, store: ArtifactStore) -> None:
        store.write("folder/a.txt", [b"x"])
        for path in ("nothing.txt", "folder", "folder/a.txt/b"):
            with pytest.raises(NotFound):
                store.read(path)

    def test_too_few_bytes_store_nothing(self, store: ArtifactStore) -> None:
        store.write("a.txt", [b"old"])
        with pytest.raises(BadInput):
            store.write("a.txt", [b"new"], size=10)
        with pytest.raises(BadInput):
            store.write("b.txt", [b"new"], size=10)
        assert b"".join(store.read("a.txt")) == b"old"
        assert [info.path for info in store.list()] == ["a.txt"]

    def test_a_source_that_fails_stores_nothing(self, store: ArtifactStore) -> None:
        def failing() -> Iterator[bytes]:
            yield b"some"
            raise RuntimeError("the sender died")

        with pytest.raises(Exception, match="sender died"):
            store.write("a.txt", failing())
        assert store.list() == []

    def test_a_folder_cannot_be_overwritten_by_a_file(self, store: ArtifactStore) -> None:
        store.write("a/b.txt", [b"x"])
        with pytest.raises(BadInput):
            store.write("a", [b"y"])
        assert b"".join(store.read("a/b.txt")) == b"x"

    def test_deleting_takes_a_file_or_a_whole_folder(self, store: ArtifactStore) -> None:
        for path in ("a/x.txt", "a/b/y.txt", "ab.txt", "c.txt"):
            store.write(path, [b"x"])
        store.delete("a")
        store.delete("c.txt")
        store.delete("never-was")
        assert [info.path for info in store.list()] == ["ab.txt"]

    def test_names_that_are_odd_but_safe_work(self, store: ArtifactStore) -> None:
        for name in ("a b.txt", "ünï.txt", "100%.txt", "x+y=z&q.txt", "a#1.png", "what?.md", "~"):
            store.write(f"odd/{name}", [name.encode()])
            assert b"".join(store.read(f"odd/{name}")) == name.encode()
        assert len(store.list("odd")) == 7

    @pytest.mark.parametrize("path", UNSAFE)
    def test_unsafe_paths_are_refused_by_every_door(self, store: ArtifactStore, path: str) -> None:
        with pytest.raises(BadInput, match="Invalid path"):
            store.read(path)
        with pytest.raises(BadInput, match="Invalid path"):
            store.write(path, [b"x"])
        with pytest.raises(BadInput, match="Invalid path"):
            store.list(path)
        with pytest.raises(BadInput, match="Invalid path"):
            store.delete(path)
        assert store.list() == []

    def test_the_root_itself_is_no_file(self, store: ArtifactStore) -> None:
        with pytest.raises(BadInput):
            store.write("", [b"x"])
        with pytest.raises(BadInput):
            store.delete("")

    def test_writers_at_once_leave_one_whole_content(self, store: ArtifactStore) -> None:
        contents = [bytes([65 + n]) * 200_000 for n in range(8)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda content: store.write("a.bin", [content]), contents))
        assert b"".join(store.read("a.bin")) in contents
        assert [info.path for info in store.list()] == ["a.bin"]

    def test_a_tree_goes_up_and_comes_down_the_same(
        self, store: ArtifactStore, tmp_path: Path
    ) -> None:
        local = tmp_path / "local"
        files = {"MLmodel": b"yaml", "data/model.pkl": b"p" * 100_000, "data/sub/x": b"", "é": b"1"}
        for name, content in files.items():
            (local / name).parent.mkdir(parents=True, exist_ok=True)
            (local / name).write_bytes(content)
        uploaded = upload_tree(store, local, "models/m")
        assert {item.path: item.size for item in uploaded} == {
            f"models/m/{name}": len(content) for name, content in files.items()
        }
        target = download_tree(store, "models/m", tmp_path / "down")
        assert target == tmp_path / "down" / "models" / "m"
        found = {
            file.relative_to(target).as_posix(): file.read_bytes()
            for file in target.rglob("*")
            if file.is_file()
        }
        assert found == files

    def test_one_file_goes_up_and_comes_down(self, store: ArtifactStore, tmp_path: Path) -> None:
        (tmp_path / "plot.png").write_bytes(b"png")
        upload_tree(store, tmp_path / "plot.png", "plots")
        target = download_tree(store, "plots/plot.png", tmp_path / "down")
        assert target == tmp_path / "down" / "plots" / "plot.png"
        assert target.read_bytes() == b"png"
        with pytest.raises(NotFound):
            download_tree(store, "plots/none.png", tmp_path / "down")
