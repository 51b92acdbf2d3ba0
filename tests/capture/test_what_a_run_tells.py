"""Changes, lock file and command are kept with a run; secrets and untracked files are not."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from mainstay.capture import command, diff, git, locks, packages

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git: install git")


def run(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "deep").mkdir(parents=True)
    run(folder, "init", "-q", "-b", "main")
    for name in ("train.py", ".env", "deep/api_credentials.json", "deep/server.PEM"):
        (folder / name).write_text("one\n")
    run(folder, "add", "-f", ".")
    run(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_patch_applied_to_the_commit_gives_the_files_that_ran(
    repository: Path, tmp_path: Path
) -> None:
    assert diff.patch(repository) is None
    (repository / "train.py").write_text("one\ntwo\n")
    found = diff.patch(repository)
    assert found is not None
    assert found.whole
    subprocess.run(["git", "clone", "-q", str(repository), str(tmp_path / "again")], check=True)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path / "again", input=found.text, check=True)
    assert (tmp_path / "again" / "train.py").read_text() == "one\ntwo\n"


def test_untracked_files_and_files_named_like_secrets_are_left_out(repository: Path) -> None:
    (repository / "key.txt").write_text("untracked-secret\n")
    for name in (".env", "deep/api_credentials.json", "deep/server.PEM"):
        (repository / name).write_text("hidden-value\n")
    assert diff.patch(repository) is None
    (repository / "train.py").write_text("two\n")
    found = diff.patch(repository)
    assert found is not None
    assert b"+two" in found.text
    assert b"hidden-value" not in found.text
    assert b"untracked-secret" not in found.text


def test_a_large_patch_is_cut_at_a_line_and_says_so(repository: Path) -> None:
    (repository / "train.py").write_text("a line that is new\n" * 50_000)
    found = diff.patch(repository, limit=10_000)
    assert found is not None
    assert not found.whole
    assert len(found.text) <= 10_000
    assert found.text.endswith(b"+a line that is new\n")


def test_a_diff_program_of_the_user_is_not_run(repository: Path, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    run(repository, "config", "diff.external", f"touch {witness}")
    run(repository, "config", "diff.python.textconv", f"touch {witness}")
    (repository / "train.py").write_text("two\n")
    assert diff.patch(repository) is not None
    assert not witness.exists()


def test_the_nearest_lock_file_of_the_work_tree_is_found(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("of another project")
    top = repository.resolve()
    assert locks.lock(repository / "deep", top=top) is None
    (repository / "poetry.lock").write_text("locked")
    assert locks.lock(repository / "deep", top=top) == top / "poetry.lock"
    assert locks.lock(repository / "deep") is None
    assert git.checkout(repository / "deep") is not None


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["python", "a b.py", "--lr", "0.1"], "python 'a b.py' --lr 0.1"),
        (["t.py", "--password", "x", "--n=1"], "t.py --password *** --n=1"),
        (["t.py", "--hf-token=x", "API_KEY=y"], "t.py --hf-token=*** API_KEY=***"),
        (["t.py", "postgresql://me:secret@db/x"], "t.py 'postgresql://***@db/x'"),
        (["t.py", "--tokens", "12", "--monkey=1"], "t.py --tokens 12 --monkey=1"),
        (["t.py", "--token", "--verbose"], "t.py --token --verbose"),
    ],
)
def test_a_command_is_shown_without_its_secrets(arguments: list[str], shown: str) -> None:
    assert command.command(arguments) == shown


def test_an_endless_command_is_cut() -> None:
    assert len(command.command(["t.py", "x" * 100_000])) == command.LENGTH


def test_packages_that_no_index_has_say_where_they_are_from(tmp_path: Path) -> None:
    for name, known in {
        "Plain-1.0": None,
        "From_Git-2.0": {
            "url": "https://me:token@example.org/r.git",
            "vcs_info": {"vcs": "git", "commit_id": "abc"},
        },
        "mine-3.0": {"url": "file:///home/me/mine", "dir_info": {"editable": True}},
        "broken-4.0": [],
    }.items():
        folder = tmp_path / f"{name}.dist-info"
        folder.mkdir()
        if known is not None:
            (folder / "direct_url.json").write_text(json.dumps(known))
    assert packages.requirements([str(tmp_path)]).splitlines()[1:] == [
        "broken==4.0",
        "from-git @ git+https://example.org/r.git@abc",
        "mine==3.0  # editable",
        "plain==1.0",
    ]
