"""Every door of a real server to an alias meets its gate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from mainstay.entities.release import AliasMove, CheckResult, Verdict
from mainstay.errors import Conflict, GateRefused, MainstayError, PermissionDenied
from mainstay.promotion import approvals, policy
from mainstay.promotion.rollback import rollback
from mainstay.stores.http import HttpAccounts, HttpClient, HttpRegistry, HttpRelease
from tests.promotion.cases import ADA, DIGEST, evidence
from tests.support.server import RunningServer

FLOOR = "checks:\n  - {kind: threshold, metric: auc, minimum: 0.85}\n"
TWO_PERSONS = FLOOR + "  - {kind: approval}\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with two users."""
    with RunningServer(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def users(server: RunningServer) -> Iterator[dict[str, HttpClient]]:
    """Clients that speak for nobody, for Ada and for Grace."""
    nobody = HttpClient(server.url)
    found = {"nobody": nobody}
    for name in ("ada", "grace"):
        accounts = HttpAccounts(nobody)
        accounts.add_user(name, "a long enough secret", "maintainer")
        _, secret = accounts.add_token(name, 1, "test")
        found[name] = HttpClient(server.url.replace("://", f"://{name}:{secret}@"))
    yield found
    for client in found.values():
        client.close()


@pytest.fixture
def name(users: dict[str, HttpClient]) -> str:
    """A model with three hashed versions, two of them measured, behind a gate."""
    name = f"model-{uuid4().hex[:12]}"
    registry, release = HttpRegistry(users["nobody"]), HttpRelease(users["nobody"])
    registry.create_registered_model(name)
    for number in (1, 2, 3):
        registry.create_model_version(name, f"s3://bucket/{number}")
        registry.set_version_digest(name, number, DIGEST)  # as mainstay models hash does
    release.set_policy(name, "champion", FLOOR, digest=policy.digest(FLOOR))
    for version, auc in ((1, 0.9), (2, 0.2)):
        measured = evidence(version=version, name=name, values={"auc": auc})
        release.record_evidence([measured])
    return name


def holder(users: dict[str, HttpClient], name: str) -> int | None:
    """Return who is champion."""
    return HttpRegistry(users["nobody"]).get_registered_model(name).aliases.get("champion")


def test_mlflows_own_call_is_refused_with_every_failed_check(
    server: RunningServer, users: dict[str, HttpClient], name: str
) -> None:
    with pytest.raises(GateRefused, match="auc threshold") as refused:
        HttpRegistry(users["nobody"]).set_alias(name, "champion", 2)
    assert refused.value.error_code == "PERMISSION_DENIED"
    assert holder(users, name) is None
    HttpRegistry(users["nobody"]).set_alias(name, "champion", 1)
    assert holder(users, name) == 1


def test_a_verdict_that_a_client_brings_counts_for_nothing(
    users: dict[str, HttpClient], name: str
) -> None:
    forged = Verdict(
        verdict_id="forged",
        name=name,
        alias="champion",
        version=2,
        version_digest=DIGEST,
        policy_digest=policy.digest(FLOOR),
        evidence_digest="e" * 64,
        baseline_version=None,
        passed=True,
        checks=[CheckResult(check="all", kind="threshold", outcome="pass")],
        at=1,
    )
    moves: list[dict[str, Any]] = [
        {"verdict": forged},
        {"verdict": forged, "kind": "rollback"},
        {"verdict": forged, "expected_version": None, "approvals": ("forged",)},
        {"verdict": forged, "kind": "delete"},
    ]
    for extra in moves:
        with pytest.raises(PermissionDenied):
            HttpRelease(users["ada"]).move_alias(
                AliasMove(name=name, alias="champion", version=2, **extra)
            )
    assert holder(users, name) is None


def test_a_move_that_expects_another_holder_loses(users: dict[str, HttpClient], name: str) -> None:
    release = HttpRelease(users["ada"])
    release.move_alias(AliasMove(name=name, alias="champion", version=1, expected_version=None))
    with pytest.raises(Conflict):
        release.move_alias(AliasMove(name=name, alias="champion", version=1, expected_version=3))
    change = HttpRegistry(users["ada"]).alias_history(name)[-1]
    assert (change.version, change.principal) == (1, "ada")
    assert change.verdict_id


def test_a_rename_takes_the_gate_along(users: dict[str, HttpClient], name: str) -> None:
    registry = HttpRegistry(users["nobody"])
    registry.rename_registered_model(name, name + "-new")
    with pytest.raises(GateRefused):
        registry.set_alias(name + "-new", "champion", 2)


def test_deleting_the_model_leaves_the_gate(users: dict[str, HttpClient], name: str) -> None:
    registry = HttpRegistry(users["nobody"])
    registry.delete_registered_model(name)
    registry.create_registered_model(name)
    registry.create_model_version(name, "s3://bucket/x")
    registry.set_version_digest(name, 1, DIGEST)
    with pytest.raises(GateRefused):
        registry.set_alias(name, "champion", 1)


def test_two_people_are_needed_where_the_policy_says_so(
    users: dict[str, HttpClient], name: str
) -> None:
    ada, grace, nobody = (users[who] for who in ("ada", "grace", "nobody"))
    digest = policy.digest(TWO_PERSONS)
    HttpRelease(ada).set_policy(name, "champion", TWO_PERSONS, digest=digest)
    asked = approvals.request(
        HttpRegistry(ada), HttpRelease(ada), name, "champion", 1, by=ADA
    ).approval_id
    for client in (ada, nobody):
        with pytest.raises(PermissionDenied):
            HttpRelease(client).decide_approval(asked, "approved")
    with pytest.raises(GateRefused):
        HttpRegistry(ada).set_alias(name, "champion", 1)
    decided = HttpRelease(grace).decide_approval(asked, "approved", reason="fine")
    assert (decided.requested_by, decided.decided_by) == ("ada", "grace")
    HttpRegistry(ada).set_alias(name, "champion", 1)
    assert holder(users, name) == 1


def test_a_policy_that_is_none_is_refused_by_the_server(
    users: dict[str, HttpClient], name: str
) -> None:
    with pytest.raises(MainstayError, match="line 1"):
        HttpRelease(users["ada"]).set_policy(name, "champion", "checks: 3", digest="0" * 64)


def test_a_rollback_over_the_wire_names_who_did_it(users: dict[str, HttpClient], name: str) -> None:
    registry, release = HttpRegistry(users["grace"]), HttpRelease(users["grace"])
    registry.set_alias(name, "champion", 1)
    better = evidence(version=3, name=name, values={"auc": 0.95})
    release.record_evidence([better])
    registry.set_alias(name, "champion", 3)
    change = rollback(registry, release, name, "champion", by=ADA, reason="errors", expected=3)
    assert (change.version, change.kind, change.principal) == (1, "rollback", "grace")
    assert holder(users, name) == 1


def test_no_refusal_is_a_failure_of_the_server(server: RunningServer) -> None:
    assert "Traceback" not in server.log
