"""``mainstay users`` on a database and through a server that asks who is there."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from mainstay.cli.main import main
from mainstay.connect import connect
from mainstay.errors import Unauthenticated
from mainstay.stores.http import HttpAccounts, HttpClient
from tests.support.server import RunningServer

PASSWORD = "correct horse battery staple"


class Shell:
    """Runs commands in this process."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._capture = capture

    def __call__(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        """Return exit code, output and errors."""
        self._patch.setattr("sys.stdin", io.StringIO(stdin))
        try:
            code = main(["users", *arguments])
        except SystemExit as done:
            code = int(done.code or 0)
        said = self._capture.readouterr()
        return code, said.out, said.err

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """Return what a command that must succeed printed."""
        code, out, err = self(*arguments, "--json", stdin=stdin)
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    for name in ("URI", "TOKEN", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"MAINSTAY_TRACKING_{name}", raising=False)
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys)


def test_users_are_added_to_a_database_and_listed(shell: Shell) -> None:
    code, out, _ = shell("add", "ada", "--role", "admin", "--password-stdin", stdin=PASSWORD + "\n")
    assert code == 0
    assert out == "Added ada as admin. A token: mainstay users token ada\n"
    made = shell.json("add", "bob", "--password-stdin", stdin=PASSWORD + "\n")
    assert made["user"]["role"] == "contributor"
    assert [user["name"] for user in shell.json("list")["users"]] == ["ada", "bob"]
    assert "ada" in shell("list")[1]
    with connect() as stores:
        assert stores.accounts is not None
        kept = stores.accounts.password_hash("ada")
    assert kept is not None
    assert kept.startswith("$argon2id$")


def test_a_token_is_printed_alone_and_once(shell: Shell) -> None:
    shell("add", "ada", "--password-stdin", stdin=PASSWORD)
    code, out, err = shell("token", "ada", "--days", "7", "--note", "laptop")
    secret = out.strip()
    assert code == 0
    assert secret.startswith("mst_")
    assert "not shown again" in err
    listed = shell.json("tokens", "ada")["tokens"]
    assert [token["note"] for token in listed] == ["laptop"]
    assert secret not in json.dumps(listed)
    assert shell("revoke", listed[0]["token_id"])[0] == 0
    assert shell("revoke", "unknown")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        (["add", "ada", "--password-stdin"], "short\n", 2, "12 to 1024 characters"),
        (["add", "no name", "--password-stdin"], PASSWORD, 2, "no user name"),
        (["add", "ada", "--role", "king"], "", 2, "'king' is not one of"),
        (["token", "nobody"], "", 1, "nobody"),
        (["token", "nobody", "--days", "0"], "", 2, "--days"),
        (["tokens", "nobody"], "", 1, "nobody"),
        (["add"], "", 2, "NAME"),
    ],
)
def test_a_mistake_is_told_in_a_line(
    shell: Shell, arguments: list[str], stdin: str, code: int, words: str
) -> None:
    found, _, err = shell(*arguments, stdin=stdin)
    assert found == code
    assert words in err
    assert "Traceback" not in err


def test_a_user_is_added_once(shell: Shell) -> None:
    shell("add", "ada", "--password-stdin", stdin=PASSWORD)
    code, _, err = shell("add", "ada", "--password-stdin", stdin=PASSWORD)
    assert (code, "exists already" in err) == (2, True)


def test_users_are_handled_through_a_server_with_a_token(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", f"sqlite:///{folder}/mainstay.db")
    shell("add", "root", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    secret = shell.json("token", "root")["secret"]
    with RunningServer(folder, "--no-anonymous") as server:
        monkeypatch.setenv("MAINSTAY_TRACKING_URI", server.url)
        code, _, err = shell("list")
        assert (code, "Traceback" in err) == (1, False)
        monkeypatch.setenv("MAINSTAY_TRACKING_TOKEN", secret)
        shell.json("add", "zoe", "--role", "viewer", "--password-stdin", stdin=PASSWORD)
        token = shell.json("token", "zoe")
        assert [user["name"] for user in shell.json("list")["users"]] == ["root", "zoe"]
        monkeypatch.setenv("MAINSTAY_TRACKING_TOKEN", token["secret"])
        who = HttpAccounts(HttpClient(server.url)).whoami()
        assert (who.name, who.role, who.authenticated) == ("zoe", "viewer", True)
        assert shell("list")[0] == 1
        assert shell("revoke", token["token"]["token_id"])[0] == 0
        with pytest.raises(Unauthenticated):
            HttpAccounts(HttpClient(server.url)).whoami()
