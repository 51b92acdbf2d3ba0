"""Where a project comes from: folders, zip files, git addresses."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from mainstay.errors import BadInput
from mainstay.projects import source


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(folder)]
    done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "--quiet")
    for text in ("first", "second"):
        (folder / "sub" / "note.txt").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", text)
    return folder


def test_a_folder_is_used_where_it_lies(repository: Path, tmp_path: Path) -> None:
    fetched = source.fetch(str(repository), tmp_path)
    assert fetched.folder == str(repository)
    assert fetched.commit == git(repository, "rev-parse", "HEAD")


def test_a_part_of_a_folder_may_be_named(repository: Path, tmp_path: Path) -> None:
    assert source.fetch(f"{repository}#sub", tmp_path).folder == str(repository / "sub")


def test_a_version_is_checked_out_in_a_copy(repository: Path, tmp_path: Path) -> None:
    first = git(repository, "rev-parse", "HEAD~1")
    fetched = source.fetch(str(repository), tmp_path / "storage", version=first)
    assert fetched.commit == first
    assert (Path(fetched.folder) / "sub" / "note.txt").read_text() == "first"
    assert (repository / "sub" / "note.txt").read_text() == "second"


def test_a_git_address_is_cloned(repository: Path, tmp_path: Path) -> None:
    fetched = source.fetch(f"git+file://{repository}#sub", tmp_path / "storage")
    assert (Path(fetched.folder) / "note.txt").read_text() == "second"


def test_a_zip_file_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "project.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train.py", "print(1)")
    fetched = source.fetch(str(path), tmp_path / "storage")
    assert (Path(fetched.folder) / "train.py").read_text() == "print(1)"


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt"])
def test_a_zip_file_that_leads_out_is_refused_whole(tmp_path: Path, name: str) -> None:
    path = tmp_path / "project.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("good.txt", "")
        archive.writestr(name, "")
    with pytest.raises(BadInput, match="leads out"):
        source.fetch(str(path), tmp_path / "storage")
    assert not (tmp_path / "storage").exists()


@pytest.mark.parametrize(
    ("uri", "version", "says"),
    [
        ("{tmp}/nowhere", None, "does not exist"),
        ("{tmp}#../..", None, "no folder"),
        ("{repository}", "no-such-branch", "git checkout failed|failed"),
        ("{repository}", "--orphan", "not a version"),
        ("git+file://{tmp}/nowhere", None, "git clone failed"),
    ],
)
def test_what_is_not_there_is_refused(
    tmp_path: Path, repository: Path, uri: str, version: str | None, says: str
) -> None:
    address = uri.format(tmp=tmp_path, repository=repository)
    with pytest.raises(BadInput, match=says):
        source.fetch(address, tmp_path / "storage", version=version)
