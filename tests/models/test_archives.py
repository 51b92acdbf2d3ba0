"""Zip files that lie about what they hold are not opened."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from mainstay.errors import InvalidModel
from mainstay.models import archives


def made(path: Path, *members: tuple[str, bytes]) -> Path:
    """Write a zip file."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_members_are_read_up_to_a_limit(tmp_path: Path) -> None:
    path = made(tmp_path / "a.zip", ("a", b"12345"))
    assert archives.read(path, "a") == b"12345"
    with pytest.raises(InvalidModel, match="larger than 0 MiB"):
        archives.read(path, "a", limit=4)
    with pytest.raises(InvalidModel, match="holds no 'b'"):
        archives.read(path, "b")


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "a\\..\\x"])
def test_members_outside_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match="outside"):
        archives.check(made(tmp_path / "a.zip", (name, b"1")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidModel, match="two members"):
        archives.check(made(tmp_path / "a.zip", ("a", b"1"), ("a", b"2")))


def test_a_damaged_member_is_an_invalid_model(tmp_path: Path) -> None:
    path = made(tmp_path / "a.zip", ("a", b"12345"))
    path.write_bytes(path.read_bytes().replace(b"12345", b"54321"))
    with pytest.raises(InvalidModel, match="cannot be read"):
        archives.read(path, "a")


def test_what_is_no_zip_file_is_an_invalid_model(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no")
    with pytest.raises(InvalidModel, match="no zip file"):
        archives.check(tmp_path / "a.zip")


def test_many_members_that_add_up_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "FLOOR", 1 << 10)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for at in range(5):
            archive.writestr(str(at), bytes(1 << 20))
    with pytest.raises(InvalidModel, match="in 5 members"):
        archives.check(path)
