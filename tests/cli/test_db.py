"""``mainstay db`` speaks plainly and exits with the right code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from mainstay.stores.sql import schema
from mainstay.stores.sql.database import Database


def call(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from mainstay.cli.main import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", program, "db", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
    )


def test_an_empty_database_is_upgraded_and_then_current(tmp_path: Path) -> None:
    first = call("upgrade", folder=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == f"sqlite:///mainstay.db was empty; it has schema {schema.HEAD} now.\n"
    again = call("upgrade", "sqlite:///mainstay.db", "--json", folder=tmp_path)
    assert json.loads(again.stdout) == {
        "uri": "sqlite:///mainstay.db",
        "before": schema.HEAD,
        "after": schema.HEAD,
    }
    checked = call("check", folder=tmp_path)
    assert (checked.returncode, checked.stdout) == (
        0,
        f"sqlite:///mainstay.db is well: schema {schema.HEAD}.\n",
    )


def test_a_plan_says_what_an_upgrade_would_do_and_does_nothing(tmp_path: Path) -> None:
    missing = call("upgrade", "--plan", folder=tmp_path)
    assert (missing.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "there is no database" in missing.stderr
    (tmp_path / "mainstay.db").touch()
    empty = call("upgrade", "--plan", "--json", folder=tmp_path)
    said = json.loads(empty.stdout)
    assert (said["before"], said["after"], said["backup"]) == (None, schema.HEAD, False)
    assert said["steps"] == [f"{schema.HEAD}: create all tables"]
    assert (tmp_path / "mainstay.db").stat().st_size == 0
    call("upgrade", folder=tmp_path)
    done = call("upgrade", "--plan", folder=tmp_path)
    assert "nothing would be done" in done.stdout


def test_a_newer_database_is_refused_without_a_traceback(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/mainstay.db")
    database.write(
        lambda connection: (
            connection.execute(schema.stamp.update().values(version_num="9999")).rowcount
        )
    )
    database.close()
    refused = call("upgrade", folder=tmp_path)
    assert refused.returncode == 1
    assert "9999, which is newer" in refused.stderr
    assert "Traceback" not in refused.stderr
    found = call("check", "--json", folder=tmp_path)
    assert found.returncode == 1
    assert json.loads(found.stdout)["healthy"] is False


def test_a_lost_row_is_found(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/mainstay.db")
    database.close()
    from mainstay.stores.sql.driver import sqlite

    with sqlite.connect(tmp_path / "mainstay.db") as connection:
        connection.execute("INSERT INTO params (run, key, value) VALUES (77, 'a', 'b')")
    connection.close()
    found = call("check", folder=tmp_path)
    assert found.returncode == 1
    assert "params: row" in found.stdout
    assert "refers to a missing row of runs" in found.stdout


def test_wrong_addresses_are_explained(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, but long enough to be read as one\n" * 9)
    cases = {
        "http://127.0.0.1:5000": (2, "run this where the server runs"),
        "mysql://host/name": (2, "not spoken here"),
        "sqlite:///none.db": (1, "there is no database at"),
        "sqlite:///text.db": (1, "file is not a database"),
        "postgresql://x@127.0.0.1:1/x": (1, "does not answer"),
    }
    for url, (code, message) in cases.items():
        answer = call("check", url, folder=tmp_path)
        assert answer.returncode == code, answer
        assert message in answer.stderr
        assert answer.stderr.count("\n") == 1
