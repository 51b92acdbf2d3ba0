"""``mainstay experiments retention`` and ``holding``, and ``mainstay gc`` that applies the rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mainstay.cli.main import main
from mainstay.client import Client
from mainstay.connect import connect
from tests.support.postgres import Cluster


@pytest.fixture
def uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = f"sqlite:///{tmp_path}/mainstay.db"
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", found)
    monkeypatch.chdir(tmp_path)
    return found


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0, capsys.readouterr().err
    return " ".join(capsys.readouterr().out.split())


def test_a_rule_is_set_shown_applied_and_removed(
    uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect(uri) as stores:
        client = Client(stores=stores)
        run = client.create_run("0").info.run_id
        client.log_text(run, "kept", "note.txt")
        client.set_terminated(run, "FINISHED", end_time=1)
    retention = ("experiments", "retention")
    assert "keeps everything" in said(capsys, *retention, "show", "Default")
    done = said(capsys, *retention, "set", "Default", "--files", "90d", "--deleted", "36h")
    assert "can be restored for 1.5 days" in done
    shown = json.loads(said(capsys, *retention, "show", "Default", "--json"))
    assert (shown["deleted"], shown["unregistered"], shown["files"]) == (1.5, None, 90)
    held = json.loads(said(capsys, "experiments", "holding", "Default", "--json"))
    assert (held["runs"], held["files"], held["file_bytes"]) == (1, 1, 4)

    gc = ("gc", "--backend-store-uri", uri, "--json")
    planned = json.loads(said(capsys, *gc))
    assert planned["dry_run"]
    assert [one["identity"] for one in planned["expired"]["files"]] == [run]
    with connect(uri) as stores:
        assert Client(stores=stores).list_artifacts(run)
    assert json.loads(said(capsys, *gc, "--yes"))["failed"] == {}
    with connect(uri) as stores:
        assert Client(stores=stores).list_artifacts(run) == []
        assert stores.tracking.get_run(run).info.lifecycle_stage == "active"
    said(capsys, *retention, "remove", "Default")
    assert "keeps everything" in said(capsys, *retention, "show", "Default")


def test_a_wrong_rule_says_what_is_wrong(uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong, message in (
        ((), "says nothing"),
        (("--files", "soon"), "is no age"),
        (("--files", "40000d"), "from 0 to 36500"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["experiments", "retention", "set", "Default", *wrong])
        assert ended.value.code == 2
        assert message in " ".join(capsys.readouterr().err.split())


def test_what_a_rule_would_do_is_what_it_does_and_what_is_kept_stands_apart(
    uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect(uri) as stores:
        client = Client(stores=stores)
        runs = [client.create_run("0").info.run_id for _ in range(2)]
        for run in runs:
            client.log_text(run, "kept", "note.txt")
            client.set_terminated(run, "FINISHED", end_time=1)
        client.create_registered_model("churn")
        client.create_model_version("churn", f"runs:/{runs[0]}", run_id=runs[0])
    rule = ("--unregistered", "1d", "--files", "1d")
    said(capsys, "experiments", "retention", "set", "Default", *rule)
    gc = ("gc", "--backend-store-uri", uri)
    planned, done = (said(capsys, *gc), said(capsys, *gc, "--yes"))
    for text, verb in ((planned, "would be deleted, restorably,"), (done, "deleted, restorably,")):
        going, _, kept = text.partition("and kept")
        assert verb in going
        assert (runs[0] in going, runs[1] in going) == (False, True)
        assert (runs[0] in kept, runs[1] in kept) == (True, False)
        assert "version churn v1" in kept
        assert "lose their files" not in text
        assert "Nothing to delete" not in text
    assert "--yes deletes" in planned
    with connect(uri) as stores:
        client = Client(stores=stores)
        assert [client.get_run(run).info.lifecycle_stage for run in runs] == ["active", "deleted"]
        client.restore_run(runs[1])
        assert [one.path for one in client.list_artifacts(runs[1])] == ["note.txt"]


def test_gc_makes_no_database_of_a_misspelt_address(
    uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(uri).close()
    files = sorted(tmp_path.iterdir())
    other = f"sqlite:///{tmp_path}/other.db"
    for wrong in ((other,), (uri, "--registry-store-uri", other)):
        for yes in ((), ("--yes",)):
            with pytest.raises(SystemExit) as ended:
                main(["gc", "--backend-store-uri", *wrong, *yes])
            assert ended.value.code == 1
            assert "there is no database" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == files


def test_gc_asks_where_files_are_that_no_file_of_a_database_lies_beside(
    postgres_uri: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A guess would delete the rows and leave the files."""
    monkeypatch.chdir(tmp_path)
    files = tmp_path / "files"
    with connect(postgres_uri, postgres_uri, artifacts_destination=str(files)) as stores:
        client = Client(stores=stores)
        run = client.create_run("0").info.run_id
        client.log_text(run, "kept", "note.txt")
        client.delete_run(run)
    gc = ("gc", "--backend-store-uri", postgres_uri, "--older-than", "0s", "--yes")
    with pytest.raises(SystemExit) as ended:
        main(list(gc))
    assert ended.value.code == 1
    assert "say where the server keeps its files" in capsys.readouterr().err
    assert [path.name for path in files.rglob("*") if path.is_file()] == ["note.txt"]
    with pytest.raises(SystemExit) as ended:
        main(["db", "check", postgres_uri, "--artifacts"])
    assert ended.value.code == 2
    assert run in said(capsys, *gc, "--artifacts-destination", str(files))
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_stats_are_of_a_database_of_ours(
    postgres_cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = postgres_cluster.create_database()
    with pytest.raises(SystemExit) as ended:
        main(["db", "stats", empty])
    postgres_cluster.drop_database(empty)
    assert ended.value.code == 1
    assert "is empty; is it the right one?" in capsys.readouterr().err
