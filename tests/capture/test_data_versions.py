"""Versions of data are read from what keeps them, and sources are looked at again."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import deltalake
import pandas as pd
import pyarrow as pa
import pytest

from mainstay import data
from mainstay.capture import data as captured
from mainstay.entities.inputs import Dataset
from tests.support.s3 import S3Server

FRAME = pd.DataFrame({"n": [1, 2, 3]})


def described(source: object, **options: object) -> Dataset:
    return data.from_pandas(FRAME, source=source, name="rows", **options).record  # type: ignore[arg-type]


def write_dvc(folder: Path) -> None:
    """Write what ``dvc add one.csv d`` and a stage that makes ``out.csv`` write."""
    (folder / ".dvc").mkdir()
    (folder / "d").mkdir()
    (folder / "d" / "train.csv").write_text("a,b\n1,2\n")
    for name in ("one.csv", "out.csv"):
        (folder / name).write_text("a\n1")
    (folder / "one.csv.dvc").write_text(
        "outs:\n- md5: 5fef2ed0e363ce7a6df3f57b1a33a0b5\n  size: 3\n  hash: md5\n  path: one.csv\n"
    )
    (folder / "d.dvc").write_text(
        "outs:\n- md5: 11269563a5b5f877fd72811d978b759f.dir\n  size: 8\n  nfiles: 1\n"
        "  hash: md5\n  path: d\n"
    )
    (folder / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  prep:\n    cmd: cp one.csv out.csv\n    outs:\n"
        "    - path: out.csv\n      hash: md5\n      md5: 5fef2ed0e363ce7a6df3f57b1a33a0b5\n"
        "      size: 3\n"
    )


def test_dvc_names_files_folders_and_outputs_of_stages(tmp_path: Path) -> None:
    write_dvc(tmp_path)
    import hashlib

    md5 = hashlib.md5(b"a\n1").hexdigest()
    for name in ("one.csv.dvc", "dvc.lock"):
        text = (tmp_path / name).read_text().replace("5fef2ed0e363ce7a6df3f57b1a33a0b5", md5)
        (tmp_path / name).write_text(text)
    assert captured.version(described(tmp_path / "one.csv")) == f"dvc:{md5}"
    assert captured.version(described(tmp_path / "out.csv")) == f"dvc:{md5}"
    inside = described(tmp_path / "d" / "train.csv")
    assert captured.version(inside) == "dvc:11269563a5b5f877fd72811d978b759f.dir"


def test_a_file_that_is_no_longer_what_dvc_wrote_down_has_its_digest(tmp_path: Path) -> None:
    write_dvc(tmp_path)  # with the hash of other content
    record = described(tmp_path / "one.csv")
    assert captured.version(record) == record.digest
    (tmp_path / "d.dvc").write_text("outs: [")
    assert captured.version(described(tmp_path / "d" / "train.csv")) == record.digest


def test_a_delta_table_is_known_by_its_version(tmp_path: Path) -> None:
    table = tmp_path / "table"
    for _ in range(3):
        deltalake.write_deltalake(str(table), FRAME, mode="append")
    assert captured.version(described(table)) == "delta:2"
    read = data.load_delta(path=str(table), version="1", name="sales")
    assert captured.version(read.record) == "delta:1"
    assert len(read.df) == 6
    assert read.record.source_type == "delta_table"
    newest = data.load_delta(path=str(table))
    assert json.loads(newest.record.source)["delta_table_version"] == 2
    assert newest.digest != read.digest


def test_a_table_with_checkpoints_and_cleaned_log_has_its_last_version(tmp_path: Path) -> None:
    table = tmp_path / "table"
    for _ in range(2):
        deltalake.write_deltalake(str(table), FRAME, mode="append")
    deltalake.DeltaTable(str(table)).create_checkpoint()
    for commit in (table / "_delta_log").glob("*.json"):
        commit.unlink()
    assert captured.version(described(table)) == "delta:1"


def test_an_iceberg_table_is_known_by_its_snapshot(tmp_path: Path) -> None:
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog(
        "c", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/lake"
    )
    catalog.create_namespace("ns")
    table = catalog.create_table("ns.rows", schema=pa.schema([("n", pa.int64())]))
    where = table.location()
    empty = described(where)
    assert captured.version(empty) == empty.digest
    for _ in range(2):
        table.append(pa.table({"n": [1, 2]}))
    snapshot = table.current_snapshot()
    assert snapshot is not None
    assert captured.version(described(where)) == f"iceberg:{snapshot.snapshot_id}"
    assert captured.version(described(where.removeprefix("file://"))) == (
        f"iceberg:{snapshot.snapshot_id}"
    )


def test_the_hugging_face_revision_is_given_or_read_from_where_the_rows_came() -> None:
    import datasets

    rows = datasets.Dataset.from_dict({"a": [1]})
    assert (
        captured.version(data.from_huggingface(rows, path="a/b", revision="v2").record) == "hf:v2"
    )
    commit = "e6281661ce1c48d982bc483cf8a173c1bbeb5d31"
    address = f"hf://datasets/a/b@{commit}/plain/train-0.parquet"
    rows.info.download_checksums = {address: {"num_bytes": 1, "checksum": None}}
    found = data.from_huggingface(rows, path="a/b")
    assert captured.version(found.record) == f"hf:{commit}"
    made = data.from_huggingface(datasets.Dataset.from_dict({"a": [1]}))
    assert captured.version(made.record) == made.digest


def test_an_object_in_a_versioned_bucket_has_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import urllib.request

    from mainstay.artifact_store.object import open_store

    server = S3Server(tmp_path / "log")
    try:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        bucket = server.make_bucket("data")
        open_store(bucket).write("plain.csv", [b"a"])
        plain = described(f"{bucket}/plain.csv")
        assert captured.version(plain) == plain.digest
        body = (
            b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            b"<Status>Enabled</Status></VersioningConfiguration>"
        )
        signed = "Credential=testing/20260101/us-east-1/s3/aws4_request, SignedHeaders=host"
        asked = urllib.request.Request(
            f"{server.url}/data?versioning",
            data=body,
            method="PUT",
            headers={
                "Content-Type": "application/xml",
                "Authorization": f"AWS4-HMAC-SHA256 {signed}, Signature=none",
            },
        )
        urllib.request.urlopen(asked, timeout=120).close()
        seen = set()
        for content in (b"1", b"2"):
            open_store(bucket).write("deep/rows.csv", [content])
            seen.add(captured.version(described(f"{bucket}/deep/rows.csv")))
        assert len(seen) == 2
        assert all(one.startswith("version:") for one in seen)
        assert not captured.is_near(plain)
        assert captured.trouble(plain) is None
        assert captured.trouble(described(f"{bucket}/deep")) is None
        assert "there is no file 'gone.csv'" in (
            captured.trouble(described(f"{bucket}/gone.csv")) or ""
        )
        deltalake.write_deltalake(
            f"{bucket}/table",
            FRAME,
            storage_options={"AWS_ENDPOINT_URL": server.url, "AWS_ALLOW_HTTP": "true"},
        )
        assert captured.version(described(f"{bucket}/table")) == "delta:0"
    finally:
        server.stop()


def test_local_sources_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("n\n1\n")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    for source in (file, "rows.csv", f"file://{file}"):
        assert captured.trouble(described(source)) is None
        assert captured.is_near(described(source))
    assert captured.trouble(described(tmp_path / "gone.csv")) == (
        f"there is nothing at {tmp_path}/gone.csv"
    )
    assert "empty folder" in (captured.trouble(described(tmp_path / "empty")) or "")
    assert captured.trouble(described(None)) == "no source was given"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server over a folder."""
    folder = tmp_path / "web"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_on_the_web_or_the_hub_is_asked_for(
    web: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    url, folder = web
    (folder / "rows.csv").write_text("n\n1\n")
    assert captured.trouble(described(f"{url}/rows.csv")) is None
    assert captured.trouble(described(f"{url}/gone.csv")) == f"{url}/gone.csv answers 404"
    known = folder / "api" / "datasets" / "a" / "b" / "revision"
    known.mkdir(parents=True)
    (known / "v2").write_text("{}")
    monkeypatch.setenv("HF_ENDPOINT", url)
    rows = datasets.Dataset.from_dict({"a": [1]})
    assert captured.trouble(data.from_huggingface(rows, path="a/b", revision="v2").record) is None
    gone = captured.trouble(data.from_huggingface(rows, path="a/b", revision="v3").record)
    assert gone == f"{url}/api/datasets/a/b/revision/v3 answers 404"
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    away = captured.trouble(data.from_huggingface(rows, path="a/b", revision="v2").record)
    assert "cannot be reached" in (away or "")
