"""Who asks: routes want credentials where they should, and a role reaches as far as it may."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator

import pytest

from mainstay.entities.accounts import ROLES, Role
from mainstay.errors import TooManyRequests
from mainstay.server.auth import passwords
from mainstay.server.auth.authorize import NEEDED
from mainstay.server.auth.throttle import FREE, LONGEST_SECONDS, Throttle
from mainstay.stores.sql.accounts import SqlAccounts
from mainstay.stores.sql.database import Database
from mainstay.wire.endpoint import Action, Endpoint
from tests.server.doors import PUBLIC, doors, is_callers, is_public
from tests.support.server import Answer, RunningServer

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that lets nobody in without credentials; a user a role, each with a token."""
    folder = tmp_path_factory.mktemp("closed")
    database = Database(f"sqlite:///{folder}/mainstay.db")
    accounts = SqlAccounts(database)
    soon = int(time.time() * 1000) + 3_600_000
    for role in ROLES:
        accounts.create_user(role, password_hash=passwords.hash_password(PASSWORD), role=role)
        accounts.create_token(
            role, token_id=role, secret_hash=passwords.hash_token(token(role)), expires_at=soon
        )
    accounts.create_token(
        "admin", token_id="old", secret_hash=passwords.hash_token("mst_old"), expires_at=1
    )
    database.close()
    with RunningServer(folder, "--no-anonymous") as running:
        yield running


def token(role: Role) -> str:
    return f"mst_{role}"


def basic(name: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def knock(
    server: RunningServer, row: Endpoint, method: str, path: str, who: dict[str, str]
) -> Answer:
    kinds = {"json": "application/json", "msgpack": "application/msgpack"}
    headers = {"Content-Type": kinds.get(row.body, "application/octet-stream"), **who}
    return server.request(method, path, b"" if method == "GET" else b"{}", headers)


def test_only_what_says_that_the_server_lives_is_public() -> None:
    assert {row.name for row, _, _ in doors() if is_public(row)} == PUBLIC


@pytest.mark.parametrize("spelling", ["plain", "prefix", "head"])
def test_every_other_route_is_401_without_credentials(closed: RunningServer, spelling: str) -> None:
    for row, method, path in doors():
        if is_public(row):
            continue
        if spelling == "head":
            if method != "GET":
                continue
            method = "HEAD"
        target = path + "?run_id=x" if spelling == "prefix" else path
        answer = knock(closed, row, method, target, {})
        assert answer.status == 401, (row.name, method, target, answer)
        assert answer.headers["www-authenticate"] == 'Basic realm="mainstay"'
        if method != "HEAD":
            assert answer.json["error_code"] == "UNAUTHENTICATED"


def test_what_puts_a_version_live_or_opens_a_gate_wants_a_maintainer() -> None:
    names = {row.name for row, _, _ in doors() if row.permission.action is Action.MANAGE}
    assert names >= {
        "registry.set_alias",
        "registry.delete_alias",
        "release.move_alias",
        "release.rollback",
        "release.set_policy",
        "release.decide_approval",
        "versions.transition_stage",
        "versions.set_digest",
    }


def test_public_rows_answer_strangers(closed: RunningServer) -> None:
    for row, method, path in doors():
        if is_public(row):
            assert knock(closed, row, method, path, {}).status == 200, row.name


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_as_far_as_the_table_says(closed: RunningServer, role: Role) -> None:
    for row, method, path in doors():
        if is_public(row) or row.answer == "events":
            continue
        allowed = ROLES.index(role) >= ROLES.index(NEEDED[row.permission.action])
        answer = knock(closed, row, method, path, bearer(token(role)))
        # Inside, an object's own rule may still refuse (the tokens of somebody else, say).
        refused = answer.status == 403 and "one must be a" in str(answer.json["message"])
        assert refused != allowed, (row.name, role, answer)
        assert is_callers(row, answer.status)


@pytest.mark.parametrize(
    "who",
    [
        basic("admin", "wrong password here"),
        basic("nobody", PASSWORD),
        basic("admin", ""),
        basic("", ""),
        bearer("mst_wrong"),
        bearer("mst_old"),
        bearer(""),
        bearer(hashlib.sha256(b"mst_admin").hexdigest()),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
        {"Authorization": "Digest x"},
        {"Authorization": "x" * 5000},
    ],
)
def test_wrong_credentials_are_401_also_where_nobody_needs_any(
    closed: RunningServer, server: RunningServer, who: dict[str, str]
) -> None:
    for running in (closed, server):
        answer = running.request("GET", "/api/mainstay/1.0/whoami", headers=who)
        assert answer.status == 401, answer
        assert "mst_" not in str(answer.body)


def test_a_password_a_token_and_a_token_as_password_all_name_the_user(
    closed: RunningServer,
) -> None:
    for who in (
        basic("maintainer", PASSWORD),
        bearer(token("maintainer")),
        basic("whoever", token("maintainer")),
    ):
        answer = closed.request("GET", "/api/mainstay/1.0/whoami", headers=who)
        assert answer.json["principal"] == {
            "name": "maintainer",
            "role": "maintainer",
            "authenticated": True,
            "claimed": "",
        }


def test_anonymous_on_this_machine_is_admin_and_may_claim_a_name(server: RunningServer) -> None:
    answer = server.request("GET", "/api/mainstay/1.0/whoami", headers={"X-Mainstay-User": "ada"})
    assert answer.json["principal"] == {
        "name": "anonymous",
        "role": "admin",
        "authenticated": False,
        "claimed": "ada",
    }


def test_a_user_and_a_token_are_made_over_http_and_end_at_once(closed: RunningServer) -> None:
    admin = {"Content-Type": "application/json", **bearer(token("admin"))}
    made = closed.request(
        "POST",
        "/api/mainstay/1.0/accounts/users",
        '{"name": "grace", "password": "a long enough secret", "role": "viewer"}',
        admin,
    )
    assert made.status == 200, made
    assert b"secret" not in made.body
    short = closed.request(
        "POST", "/api/mainstay/1.0/accounts/users", '{"name": "b", "password": "short"}', admin
    )
    assert short.status == 400
    grace = {"Content-Type": "application/json", **basic("grace", "a long enough secret")}
    url = "/api/mainstay/1.0/accounts/tokens"
    created = closed.request("POST", url, '{"days": 1}', grace).json
    own = bearer(str(created["secret"]))
    assert closed.request("GET", "/api/mainstay/1.0/whoami", headers=own).status == 200
    kept = created["token"]
    assert isinstance(kept, dict)
    foreign = closed.request("DELETE", url, '{"token_id": "admin"}', grace)
    assert foreign.status == 403
    done = closed.request("DELETE", url, f'{{"token_id": "{kept["token_id"]}"}}', grace)
    assert done.status == 200, done
    assert closed.request("GET", "/api/mainstay/1.0/whoami", headers=own).status == 401


def test_who_moved_an_alias_is_written_down_whatever_the_request_says(
    closed: RunningServer,
) -> None:
    who = {"Content-Type": "application/json", **bearer(token("maintainer"))}
    base = "/api/2.0/mlflow"
    closed.request("POST", f"{base}/registered-models/create", '{"name": "m"}', who)
    version = '{"name": "m", "source": "s3://bucket/m"}'
    closed.request("POST", f"{base}/model-versions/create", version, who)
    move = '{"name": "m", "alias": "prod", "version": "1"}'
    who["X-Mainstay-User"] = "somebody else"
    assert closed.request("POST", f"{base}/registered-models/alias", move, who).status == 200
    history = closed.request(
        "GET", "/api/mainstay/1.0/registry/alias-history?name=m", headers=who
    ).json["changes"]
    assert isinstance(history, list)
    assert [change["principal"] for change in history] == ["maintainer"]


def test_guessing_gets_slower_and_the_right_password_ends_it() -> None:
    now = [100.0]
    throttle = Throttle(lambda: now[0])
    for _ in range(FREE):
        throttle.check("ada", "10.0.0.1")
        throttle.note("ada", "10.0.0.1", right=False)
    with pytest.raises(TooManyRequests, match="1 seconds"):
        throttle.check("ada", "10.0.0.1")
    throttle.check("ada", "10.0.0.2")  # from elsewhere she is not locked out
    throttle.check("grace", "10.0.0.1")
    now[0] += 1.0
    throttle.check("ada", "10.0.0.1")
    for _ in range(20):
        throttle.note("ada", "10.0.0.1", right=False)
    now[0] += LONGEST_SECONDS - 1
    with pytest.raises(TooManyRequests):
        throttle.check("ada", "10.0.0.1")
    now[0] += 1.0
    throttle.check("ada", "10.0.0.1")
    throttle.note("ada", "10.0.0.1", right=True)
    throttle.note("ada", "10.0.0.1", right=False)
    throttle.check("ada", "10.0.0.1")


def test_many_wrong_passwords_in_a_row_are_429_with_the_time_to_wait(
    closed: RunningServer,
) -> None:
    statuses = []
    for _ in range(FREE + 1):
        wrong = basic("viewer", "not the password at all")
        answer = closed.request("GET", "/api/mainstay/1.0/whoami", headers=wrong)
        statuses.append(answer.status)
    assert statuses == [401] * FREE + [429]
    assert int(answer.headers["retry-after"]) >= 1
    with_token = closed.request("GET", "/api/mainstay/1.0/whoami", headers=bearer("mst_viewer"))
    assert with_token.status == 200


def test_verifying_knows_the_right_password_from_a_wrong_one_and_no_user_from_any() -> None:
    stored = passwords.hash_password(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, PASSWORD)
    assert passwords.verify(stored, PASSWORD)
    assert not passwords.verify(stored, PASSWORD + "x")
    assert not passwords.verify(None, PASSWORD)
    assert not passwords.verify("no hash", PASSWORD)
    other = passwords.hash_password("another long password")
    assert not passwords.verify(other, PASSWORD)


def test_only_administrators_choose_where_files_are_kept(closed: RunningServer) -> None:
    url = "/api/2.0/mlflow/experiments/create"
    for role, status in (("maintainer", 403), ("admin", 200)):
        who = {"Content-Type": "application/json", **bearer(f"mst_{role}")}
        body = f'{{"name": "of {role}", "artifact_location": "s3://bucket/{role}"}}'
        answer = closed.request("POST", url, body, who)
        assert answer.status == status, answer
