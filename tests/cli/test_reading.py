"""Runs, experiments and files are read from the command line, for people and for scripts."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mainstay.cli import summaries
from mainstay.cli.main import main
from mainstay.client import Client
from mainstay.entities.spool import Heartbeat, Record

Call = Callable[..., str]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.setenv("MAINSTAY_SPOOL_DIR", str(tmp_path / "spool"))
    monkeypatch.setenv("COLUMNS", "250")
    return Client()


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command and return what it printed; ``code`` is the exit code it must have."""

    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        if code:
            with pytest.raises(SystemExit) as stopped:
                main(list(arguments))
            assert stopped.value.code == code
        else:
            assert main(list(arguments)) == 0
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return printed.out + printed.err

    return run


def as_json(text: str) -> Any:
    return json.loads(text)


@pytest.fixture
def three(client: Client) -> list[str]:
    """Three finished runs of the experiment ``churn``."""
    experiment = client.create_experiment("churn")
    ids = []
    for number in range(3):
        run_id = client.create_run(experiment, run_name=f"run-{number}").info.run_id
        client.log_batch(
            run_id,
            metrics={"auc": 0.7 + number / 10, "latency": 10.0 * (number + 1)},
            params={"depth": number, "kind": "tree"},
        )
        client.log_text(run_id, f"note {number}", "notes/a.txt")
        client.set_terminated(run_id)
        ids.append(run_id)
    return ids


def test_runs_are_listed_filtered_and_ordered(three: list[str], call: Call) -> None:
    text = call("runs", "list", "--experiment", "churn")
    assert all(run_id in text for run_id in three)
    found = as_json(
        call(
            *("runs", "list", "--experiment", "churn", "--filter", "metrics.auc > 0.75"),
            *("--order-by", "metrics.auc DESC", "--json"),
        )
    )
    assert [run["info"]["run_id"] for run in found] == [three[2], three[1]]


def test_a_run_is_described_by_id_or_name(three: list[str], call: Call) -> None:
    text = call("runs", "describe", three[1])
    assert "depth" in text
    assert "0.8" in text
    found = as_json(call("runs", "describe", "--run-id", "run-1", "--json"))
    assert found["info"]["run_id"] == three[1]
    assert found["data"]["params"] == {"depth": "1", "kind": "tree"}


def test_what_is_not_there_is_said_in_one_line(three: list[str], call: Call) -> None:
    assert "no run with the id or name 'nothing'" in call("runs", "describe", "nothing", code=1)
    assert "experiments list" in call("runs", "list", "--experiment", "nothing", code=1)
    assert "--filter" in call("runs", "list", "--help")
    assert "metrics" in call("runs", "list", "--filter", "metrics >>", code=2)
    call("runs", "describe", code=2)
    call("experiments", "delete", code=2)


def test_a_comparison_shows_the_parameters_that_differ(three: list[str], call: Call) -> None:
    text = call("runs", "compare", *three)
    assert "depth" in text
    assert "kind" not in text
    assert "kind" in call("runs", "compare", *three, "--all")
    call("runs", "compare", three[0], code=2)


def test_runs_are_ranked_by_a_scorecard(three: list[str], call: Call, tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(
        "criteria:\n"
        "  - {metric: auc, weight: 1, floor: 0.75, target: 1.0, veto: true}\n"
        "  - {metric: latency, weight: 3, floor: 30, target: 10}\n"
    )
    found = as_json(
        call("runs", "rank", "--experiment", "churn", "--scorecard", str(card), "--json")
    )
    assert [score["candidate"] for score in found] == [three[1], three[2], three[0]]
    assert found[-1]["refusals"] == ["auc 0.7 is beyond 0.75"]
    assert "accepted" in call("runs", "rank", "--experiment", "churn", "--scorecard", str(card))


def test_runs_are_exported_as_a_table(three: list[str], call: Call, tmp_path: Path) -> None:
    call("runs", "export", "--experiment", "churn", "-o", str(tmp_path / "runs.csv"))
    head, *rows = (tmp_path / "runs.csv").read_text().splitlines()
    assert head.startswith("run_id,run_name,status,start_time,end_time,metrics.auc,metrics.latency")
    assert len(rows) == 3


def test_runs_are_exported_as_json_into_the_file_that_was_named(
    three: list[str], call: Call, tmp_path: Path
) -> None:
    said = call("runs", "export", "--experiment", "churn", "--json", "-o", str(tmp_path / "r.json"))
    assert said.startswith("3 run(s) written")
    found = as_json((tmp_path / "r.json").read_text())
    assert {run["info"]["run_id"] for run in found} == set(three)


def test_a_list_that_is_cut_says_so(three: list[str], call: Call) -> None:
    assert "--limit shows more" in call("runs", "list", "--experiment", "churn", "--limit", "2")
    assert "--limit" not in call("runs", "list", "--experiment", "churn")


@pytest.fixture
def nets(client: Client, three: list[str]) -> list[str]:
    """Another experiment: one run that failed, one that has fallen silent, one without metrics."""
    experiment = client.create_experiment("nets", tags={"team": "risk"})
    ids = [client.create_run(experiment, run_name=f"net-{n}").info.run_id for n in range(3)]
    client.log_batch(ids[0], metrics={"auc": 0.95, "nan": float("nan")}, params={"depth": 10})
    client.set_terminated(ids[0], "FAILED")
    client.set_terminated(ids[2])
    fall_silent(client, ids[1])
    return ids


def fall_silent(client: Client, run_id: str) -> None:
    """Send one heartbeat of a run, and return when the next ones are missed."""
    beat = Record(1, Heartbeat(run_id=run_id, at=1, every=0.001))
    client.tracking.apply("a-segment", [beat])
    deadline = time.monotonic() + 120
    while not client.get_pulses([run_id])[run_id].lost:
        assert time.monotonic() < deadline


def test_experiments_are_compared_by_states_metrics_and_what_was_tried(
    three: list[str], nets: list[str], call: Call
) -> None:
    text = call("experiments", "compare", "churn", "nets")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines()]
    assert ["runs", "3", "3"] in rows
    assert ["finished", "3", "1"] in rows
    assert ["failed", "0", "1"] in rows
    assert ["lost", "0", "1"] in rows
    assert ["auc", "0.7, 0.8, 0.9 (3)", "0.95, 0.95, 0.95 (1)"] in rows
    assert ["depth", "0, 1, 2", "10"] in rows
    assert "nan" not in text
    found = as_json(call("experiments", "compare", "churn", "nets", "--json"))
    assert found[0]["metrics"]["auc"]["high_run"] == three[2]
    assert found[1]["states"] == {"FINISHED": 1, "FAILED": 1, "LOST": 1}
    assert "at least two" in call("experiments", "compare", "churn", code=2)
    assert "no experiment 'nothing'" in call("experiments", "compare", "churn", "nothing", code=1)


def test_experiments_are_exported_a_row_each(
    three: list[str], nets: list[str], call: Call, tmp_path: Path
) -> None:
    call("experiments", "export", "-o", str(tmp_path / "all.csv"))
    with (tmp_path / "all.csv").open(newline="") as table:
        rows = {row["name"]: row for row in csv.DictReader(table)}
    assert set(rows) == {"churn", "nets", "Default"}
    churn = rows["churn"]
    assert (churn["metrics.latency.low"], churn["metrics.latency.high"]) == ("10.0", "30.0")
    assert (rows["nets"]["lost"], rows["nets"]["tags.team"]) == ("1", "risk")
    assert rows["Default"]["runs"] == "0"
    found = as_json(call("experiments", "export", "nets", "--json"))
    assert [one["experiment"]["name"] for one in found] == ["nets"]
    call("experiments", "export", "nets", "--filter", "name = 'churn'", code=2)


def test_more_runs_than_a_page_are_all_exported(
    client: Client, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "PAGE", 2)
    experiment = client.create_experiment("many")
    ids = {client.create_run(experiment).info.run_id for _ in range(5)}
    found = as_json(call("runs", "export", "--experiment", "many", "--json"))
    assert {run["info"]["run_id"] for run in found} == ids
    assert as_json(call("experiments", "export", "many", "--json"))[0]["runs"] == 5


def test_a_run_is_deleted_and_restored(three: list[str], call: Call) -> None:
    call("runs", "delete", three[0])
    assert three[0] not in call("runs", "list", "--experiment", "churn")
    assert three[0] in call("runs", "list", "--experiment", "churn", "--view", "deleted_only")
    call("runs", "restore", three[0])
    assert three[0] in call("runs", "list", "--experiment", "churn")


def test_experiments_are_made_renamed_deleted_and_restored(client: Client, call: Call) -> None:
    assert "id" in call("experiments", "create", "-n", "first")
    assert "first" in call("experiments", "list")
    call("experiments", "rename", "first", "--new-name", "second")
    found = as_json(call("experiments", "describe", "second", "--json"))
    assert (found["name"], found["lifecycle_stage"]) == ("second", "active")
    call("experiments", "delete", "second")
    assert "second" not in call("experiments", "list")
    call("experiments", "restore", "second")
    assert "second" in call("experiments", "search")
    assert "second" in call("experiments", "create", "second", code=2)


def test_files_are_listed_downloaded_and_logged(
    three: list[str], call: Call, tmp_path: Path
) -> None:
    assert "notes/" in call("artifacts", "list", "--run-id", three[0])
    found = as_json(call("artifacts", "list", f"runs:/{three[0]}/notes", "--json"))
    assert [one["path"] for one in found] == ["notes/a.txt"]
    got = call("artifacts", "download", "-r", "run-2", "-a", "notes/a.txt", "-d", str(tmp_path))
    assert Path(got.strip()).read_text() == "note 2"
    (tmp_path / "more.txt").write_text("more")
    call("artifacts", "log", str(tmp_path / "more.txt"), "-r", three[0])
    assert "more.txt" in call("artifacts", "list", "-r", three[0])
    call("artifacts", "list", code=2)
    call("artifacts", "download", f"runs:/{three[0]}/no.txt", code=1)


def test_a_run_that_fell_silent_is_shown_as_lost(client: Client, call: Call) -> None:
    run_id = client.create_run("0", run_name="silent").info.run_id
    other = client.create_run("0", run_name="without a spool").info.run_id
    fall_silent(client, run_id)
    assert "LOST" in call("runs", "list", "--experiment-id", "0")
    assert "LOST (says RUNNING; last heard of" in call("runs", "describe", run_id)
    shown = as_json(call("runs", "list", "--experiment-id", "0", "--json"))
    assert {run["info"]["run_id"]: run["lost"] for run in shown} == {run_id: True, other: False}
    assert as_json(call("runs", "describe", run_id, "--json"))["info"]["status"] == "RUNNING"
