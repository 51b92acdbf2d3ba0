"""S3, against a real S3-speaking server in another process."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.artifact_store.base import Presigns, ReadsSpans
from mainstay.artifact_store.object import ObjectStore, open_store
from mainstay.errors import BadInput, Unavailable
from mainstay.testing.artifacts import ArtifactStoreContract
from tests.support.s3 import S3Server


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3") / "log.txt")
    yield server
    server.stop()


@pytest.fixture
def store(s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ObjectStore:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    bucket = s3.make_bucket("b" + hashlib.sha256(str(tmp_path).encode()).hexdigest()[:20])
    opened = open_store(f"{bucket}/below/a/prefix")
    assert isinstance(opened, ObjectStore)
    return opened


class TestS3(ArtifactStoreContract):
    @pytest.fixture
    def store(self, store: ObjectStore) -> ObjectStore:
        return store


def test_large_files_travel_in_parts_and_in_chunks(store: ObjectStore) -> None:
    block = bytes(range(256)) * 4096
    expected = hashlib.sha256()
    for _ in range(32):
        expected.update(block)
    written = store.write("big.bin", (block for _ in range(32)), size=32 * len(block))
    assert (written.size, written.sha256) == (32 * len(block), expected.hexdigest())
    found, largest = hashlib.sha256(), 0
    for chunk in store.read("big.bin"):
        found.update(chunk)
        largest = max(largest, len(chunk))
    assert found.hexdigest() == expected.hexdigest()
    assert largest < written.size, "a download streams"


def test_an_upload_that_breaks_off_leaves_nothing(store: ObjectStore) -> None:
    block = b"x" * (6 << 20)
    with pytest.raises(BadInput):
        store.write("broken.bin", iter([block, block]), size=3 * len(block))
    assert store.list() == []


def test_a_part_of_an_object_is_read_alone(store: ObjectStore) -> None:
    store.write("digits", [b"0123456789"])
    assert isinstance(store, ReadsSpans)
    assert b"".join(store.read_span("digits", 3, 4)) == b"3456"


def test_signed_urls_read_and_write_without_credentials(store: ObjectStore) -> None:
    assert isinstance(store, Presigns)
    url = store.presign_upload("by/url.txt", seconds=60)
    assert url is not None
    request = urllib.request.Request(url, data=b"signed", method="PUT")
    request.add_header("Content-Type", "application/octet-stream")
    with urllib.request.urlopen(request, timeout=120) as answer:
        assert answer.status == 200
    read = store.presign("by/url.txt")
    assert read is not None
    with urllib.request.urlopen(read, timeout=120) as answer:
        assert answer.read() == b"signed"
    assert [info.path for info in store.list("by")] == ["by/url.txt"]


def test_a_bucket_that_is_not_there_is_unavailable_in_words(
    store: ObjectStore, s3: S3Server
) -> None:
    missing = open_store("s3://no-such-bucket-here/x")
    with pytest.raises(Unavailable, match="artifact store"):
        missing.write("a.txt", [b"1"])
