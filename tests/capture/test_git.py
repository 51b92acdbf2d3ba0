"""The commit, branch and state of the code are read as git itself tells them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mainstay.capture import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git: install git")


def run(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    (folder / "train.py").write_text("1\n")
    run(folder, "add", ".")
    run(folder, "commit", "-q", "-m", "first")
    return folder


def test_commit_and_branch_are_those_of_git(repository: Path) -> None:
    (repository / "deep").mkdir()
    found = git.checkout(repository / "deep")
    assert found is not None
    assert found.commit == run(repository, "rev-parse", "HEAD")
    assert (found.branch, found.remote, found.root) == ("main", "", repository.resolve())


def test_packed_references_and_slashes_in_names_are_read(repository: Path) -> None:
    run(repository, "checkout", "-q", "-b", "topic/one")
    run(repository, "pack-refs", "--all")
    found = git.checkout(repository)
    assert found is not None
    assert (found.branch, found.commit) == ("topic/one", run(repository, "rev-parse", "HEAD"))


def test_a_detached_head_has_a_commit_and_no_branch(repository: Path) -> None:
    run(repository, "checkout", "-q", "--detach")
    found = git.checkout(repository)
    assert found is not None
    assert (found.branch, found.commit) == ("", run(repository, "rev-parse", "HEAD"))


def test_a_linked_work_tree_is_one_of_its_own(repository: Path, tmp_path: Path) -> None:
    run(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    found = git.checkout(tmp_path / "linked")
    assert found is not None
    assert (found.branch, found.commit) == ("other", run(repository, "rev-parse", "HEAD"))


def test_a_password_in_the_remote_is_not_recorded(repository: Path) -> None:
    run(repository, "remote", "add", "origin", "https://me:secret@example.org/code.git")
    found = git.checkout(repository)
    assert found is not None
    assert found.remote == "https://example.org/code.git"


def test_code_is_dirty_when_a_tracked_file_differs(repository: Path) -> None:
    assert git.is_dirty(repository) is False
    (repository / "new.txt").write_text("untracked")
    assert git.is_dirty(repository) is False
    (repository / "train.py").write_text("2\n")
    assert git.is_dirty(repository) is True


def test_what_is_no_repository_or_has_no_commit_is_none(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    run(empty, "init", "-q")
    assert git.checkout(empty) is None
    assert git.is_dirty(tmp_path / "nowhere") is None
    broken = tmp_path / "broken"
    (broken / ".git").mkdir(parents=True)
    assert git.checkout(broken) is None
