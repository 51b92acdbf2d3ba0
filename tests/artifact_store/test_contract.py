"""Every artifact store passes the contract; the proxy's is in tests/server."""

from __future__ import annotations

from pathlib import Path

import pytest
from obstore.store import LocalStore, MemoryStore

from mainstay.artifact_store.local import LocalFolder
from mainstay.artifact_store.object import ObjectStore, open_store
from mainstay.errors import BadInput
from mainstay.testing.artifacts import ArtifactStoreContract


class TestLocalFolder(ArtifactStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalFolder:
        return LocalFolder(tmp_path / "root")


class TestObjectStoreInMemory(ArtifactStoreContract):
    @pytest.fixture
    def store(self) -> ObjectStore:
        return ObjectStore(MemoryStore())


def test_a_path_and_a_file_uri_open_a_local_folder(tmp_path: Path) -> None:
    for uri in (str(tmp_path), tmp_path.as_uri()):
        store = open_store(uri)
        assert isinstance(store, LocalFolder)
        assert store.root == tmp_path


def test_an_unknown_scheme_names_itself_and_the_known_ones() -> None:
    with pytest.raises(BadInput, match=r"no artifact store speaks 'ftp'.*s3:"):
        open_store("ftp://host/x")


def test_a_bucket_address_opens_an_object_store_under_its_prefix() -> None:
    store = open_store("s3://bucket/some/prefix")
    assert isinstance(store, ObjectStore)
    assert store._store.prefix is not None


def test_an_object_store_on_disk_streams_large_files(tmp_path: Path) -> None:
    store = ObjectStore(LocalStore(str(tmp_path)))
    block = bytes(range(256)) * 4096
    written = store.write("big.bin", (block for _ in range(40)), size=40 * len(block))
    assert written.size == 40 * len(block)
    assert sum(len(chunk) for chunk in store.read("big.bin")) == written.size
