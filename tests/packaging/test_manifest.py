"""The manifest: one digest for the same files, and the names of those that differ."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mainstay.errors import InvalidModel
from mainstay.packaging import manifest
from mainstay.packaging.manifest import Entry


def test_the_digest_is_that_of_the_canonical_json_whatever_the_order() -> None:
    entries = [Entry("b", 1, "11"), Entry("a/é", 2, "22")]
    assert manifest.digest(entries) == manifest.digest(entries[::-1])
    # sha256 of [{"path":"a/é","sha256":"22","size":2},{"path":"b","sha256":"11","size":1}]
    assert manifest.digest(entries) == (
        "04a7989e30b3c79ecd877b93bccf80ebc33287437b09a4245657c2fa3b6636a2"
    )


def test_what_is_written_after_the_files_are_fixed_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("x")
    before = manifest.write(tmp_path).digest
    (tmp_path / "registered_model_meta").write_text("model_name: a")
    assert manifest.digest(manifest.verify(tmp_path, before)) == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a manifest."""
    (tmp_path / "code").mkdir()
    for name in ("MLmodel", "model.pkl", "code/a.py"):
        (tmp_path / name).write_bytes(random.Random(name).randbytes(100))
    manifest.write(tmp_path)
    return tmp_path


def test_a_changed_an_added_and_a_missing_file_are_named(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(b"other")
    (folder / "code" / "b.py").write_text("new")
    (folder / "code" / "a.py").unlink()
    with pytest.raises(InvalidModel, match=r"code/a\.py, code/b\.py, model\.pkl"):
        manifest.verify(folder)


def test_another_digest_than_the_registered_one_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidModel, match="changed after registration"):
        manifest.verify(folder, "0" * 64)


def test_links_are_refused(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "MLmodel")
    with pytest.raises(InvalidModel, match="link"):
        manifest.build(folder)


def test_a_manifest_that_cannot_be_read_is_an_invalid_model(folder: Path) -> None:
    (folder / manifest.FILE).write_text("{")
    with pytest.raises(InvalidModel, match="mainstay_manifest"):
        manifest.verify(folder)


def test_a_file_hashed_while_it_came_is_not_read_again_unless_its_size_differs(
    folder: Path,
) -> None:
    told = {entry.path: entry for entry in manifest.build(folder)}
    name = next(iter(told))
    believed = Entry(name, told[name].size, "0" * 64)
    assert believed in manifest.build(folder, {name: believed})
    other = Entry(name, told[name].size + 1, "0" * 64)
    assert {entry.path: entry for entry in manifest.build(folder, {name: other})} == told
    with pytest.raises(InvalidModel, match=name):
        manifest.verify(folder, known={name: believed})
