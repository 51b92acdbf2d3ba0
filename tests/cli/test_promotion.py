"""The commands of promotion, on a real SQLite store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from mainstay.cli.main import main
from mainstay.connect import Stores, connect
from mainstay.entities.accounts import Principal
from mainstay.stores.sql.database import Database
from tests.promotion.cases import DIGEST, evidence

FLOOR = "checks:\n  - {kind: threshold, metric: auc, minimum: 0.85}\n"


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)


Say = Callable[..., Said]


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """Stores that hold three hashed versions of ``churn``; commands use the same."""
    monkeypatch.chdir(tmp_path)
    uri = f"sqlite:///{tmp_path}/mainstay.db"
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", uri)
    with connect(uri) as opened:
        opened.registry.create_registered_model("churn")
        for number in (1, 2, 3):
            opened.registry.create_model_version("churn", f"s3://bucket/{number}", digest=DIGEST)
        yield opened


@pytest.fixture
def say(stores: Stores, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command."""

    def run(*words: str) -> Said:
        capsys.readouterr()
        try:
            code: Any = main(list(words))
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        return Said(int(code or 0), out, err)

    return run


@pytest.fixture
def gate_file(tmp_path: Path) -> str:
    """A policy."""
    file = tmp_path / "gate.yaml"
    file.write_text(FLOOR)
    return str(file)


def test_a_gate_is_set_shown_listed_and_removed(say: Say, gate_file: str) -> None:
    assert (
        "a gate stands before churn@champion: auc threshold"
        in say("gate", "set", "churn", "champion", gate_file).out
    )
    assert say("gate", "show", "churn", "champion").out.strip() == FLOOR.strip()
    assert say("gate", "show", "--json").json["policies"][0]["alias"] == "champion"
    assert say("gate", "set", "churn", "champion", "--remove").code == 0
    gone = say("gate", "show", "churn", "champion")
    assert (gone.code, "no gate" in gone.err) == (1, True)


def test_a_promotion_goes_through_the_gate(say: Say, stores: Stores, gate_file: str) -> None:
    say("gate", "set", "churn", "champion", gate_file)
    refused = say("promote", "churn", "1", "--alias", "champion")
    assert refused.code == 1
    assert "auc threshold" in refused.err
    assert "mainstay evaluate" in refused.err
    stores.release.record_evidence([evidence(version=1, values={"auc": 0.9})])
    checked = say("gate", "check", "churn", "champion", "1")
    assert (checked.code, "passed" in checked.out) == (0, True)
    done = say("promote", "churn", "1", "--alias", "champion", "--reason", "best")
    assert (done.code, "churn@champion is v1, was held by nobody" in done.out) == (0, True)
    assert stores.registry.alias_history("churn")[0].reason == "best"


def test_a_check_that_refuses_ends_with_one_and_keeps_the_verdict(
    say: Say, stores: Stores, gate_file: str
) -> None:
    say("gate", "set", "churn", "champion", gate_file)
    stores.release.record_evidence([evidence(version=2, values={"auc": 0.1})])
    checked = say("gate", "check", "churn", "champion", "2", "--json")
    assert checked.code == 1
    assert checked.json["passed"] is False
    explained = say("gate", "explain", "churn", checked.json["verdict_id"])
    assert "auc 0.1, required >= 0.85" in explained.out
    assert say("gate", "explain", "churn", "nope").code == 1
    assert say("gate", "check", "churn", "open", "2").code == 1


def test_an_alias_names_the_version_to_promote(say: Say, stores: Stores) -> None:
    say("promote", "churn", "2", "--alias", "candidate")
    assert say("promote", "churn", "@candidate", "--json").json["version"] == 2
    wrong = say("promote", "churn", "two")
    assert (wrong.code, "no version" in wrong.err) == (2, True)


def test_lint_reads_a_policy_without_any_store(say: Say, tmp_path: Path, gate_file: str) -> None:
    assert "auc threshold" in say("gate", "lint", gate_file).out
    bad = tmp_path / "bad.yaml"
    bad.write_text("checks:\n  - {kind: threshold, metrik: auc}\n")
    found = say("gate", "lint", str(bad))
    assert found.code == 2
    assert "line 2" in found.err
    assert "allowed: name, metric" in found.err
    bad.write_bytes(b"\xff\xfe\x00")
    assert say("gate", "lint", str(bad)).code == 2
    assert say("gate", "lint", str(tmp_path / "none.yaml")).code == 2


def test_a_rollback_names_both_versions(say: Say) -> None:
    say("promote", "churn", "1")
    say("promote", "churn", "2")
    assert say("rollback", "churn", "--expected", "3").code == 1
    done = say("rollback", "churn", "--alias", "champion", "--reason", "errors")
    assert done.out.strip() == "churn@champion is v1 again, was v2"
    assert say("rollback", "churn").code == 2


def test_a_request_is_listed_approved_by_another_and_then_promoted(
    say: Say, stores: Stores, tmp_path: Path
) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text("checks:\n  - {kind: approval}\n")
    say("gate", "set", "churn", "champion", str(file))
    asked = say("promote", "churn", "1", "--request-approval", "--json").json
    assert asked["approval_id"] in say("approve", "--list").out
    own = say("approve", asked["approval_id"])
    assert (own.code, "cannot give it" in own.err) == (1, True)
    assert say("promote", "churn", "1").code == 1
    grace = Principal(name="grace-of-tests", authenticated=True)
    stores.release.decide_approval(asked["approval_id"], "approved", by=grace)
    assert say("promote", "churn", "1").code == 0
    assert say("reject", asked["approval_id"]).code == 1
    assert say("approve", "nope").code == 1


def test_the_trail_is_read_and_an_edit_is_found(say: Say, stores: Stores, tmp_path: Path) -> None:
    say("promote", "churn", "1", "--reason", "first")
    assert "first" in say("audit", "log", "--subject", "churn@champion").out
    whole = say("audit", "verify", "--json")
    assert (whole.code, whole.json["intact"]) == (0, True)
    head = f"{whole.json['head']['sequence']}:{whole.json['head']['digest']}"
    say("promote", "churn", "2")
    assert say("audit", "verify", "--head", head).code == 0
    behind = Database(f"sqlite:///{tmp_path}/mainstay.db")
    statement = text("UPDATE audit_log SET subject = 'other' WHERE sequence = 2")
    behind.write(lambda connection: connection.execute(statement))
    behind.close()
    edited = say("audit", "verify")
    assert (edited.code, "link 2" in edited.out) == (1, True)
    assert say("audit", "verify", "--head", "nonsense").code == 2


def test_deployments_are_listed_and_described(say: Say, stores: Stores) -> None:
    from mainstay.entities.monitoring import Deployment

    stores.monitoring.put_deployment(
        Deployment(
            deployment="churn@champion",
            uri="models:/churn@champion",
            name="churn",
            desired_version=2,
            serving_version=1,
            url="http://127.0.0.1:8080",
            state="swapping",
        )
    )
    assert "swapping" in say("deployments", "list").out
    assert say("deployments", "list", "--json").json["deployments"][0]["serving_version"] == 1
    assert "http://127.0.0.1:8080" in say("deployments", "describe", "churn@champion").out
    assert say("deployments", "describe", "nope").code == 1
