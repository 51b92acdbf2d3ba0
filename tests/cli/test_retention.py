"""``mainstay experiments retention`` and ``holding``, and ``mainstay gc`` that applies the rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mainstay.cli.main import main
from mainstay.client import Client
from mainstay.connect import connect


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
