"""Events reach real receivers: signed, at least once, across restarts, and nowhere forbidden."""

from __future__ import annotations

import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay.entities.monitoring import Alert
from mainstay.server.webhooks import Deliverer, Queue
from mainstay.stores.http import HttpClient, HttpMonitoring, HttpRegistry, HttpWebhooks
from mainstay.stores.sql import deliveries
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.release import SqlRelease
from mainstay.stores.sql.webhooks import SqlWebhooks
from mainstay.webhooks.kinds import KINDS
from mainstay.webhooks.sending import Sender
from tests.support.parts import require
from tests.support.receiver import Received, Receiver
from tests.support.server import RunningServer

PRIVATE = "--webhook-allow-private"
SECRET = "s3cret"


def wait_until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def client() -> Iterator[Callable[[RunningServer], HttpClient]]:
    opened: list[HttpClient] = []

    def connect(server: RunningServer) -> HttpClient:
        opened.append(HttpClient(server.url))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def test_every_change_of_a_model_arrives_signed_and_in_words(
    tmp_path: Path, client: Callable[[RunningServer], HttpClient]
) -> None:
    with Receiver() as receiver, RunningServer(tmp_path, PRIVATE) as server:
        http = client(server)
        hooks, registry = HttpWebhooks(http), HttpRegistry(http)
        registry.create_registered_model("before")  # before the webhook: not its business
        made = hooks.create_webhook("all", receiver.url, list(KINDS), secret=SECRET)
        registry.create_registered_model("churn", tags={"a": "b"}, description="d")
        for number in (1, 2):
            registry.create_model_version("churn", f"s3://b/{number}", digest="ab" * 32)
        registry.set_alias("churn", "champion", 1)
        registry.set_alias("churn", "champion", 2, reason="better")
        registry.delete_alias("churn", "champion")
        registry.transition_stage("churn", 2, "Production")
        registry.update_model_version("churn", 2, description="new")
        registry.set_model_version_tag("churn", 2, "k", "v")
        registry.delete_model_version("churn", 1)
        alert = Alert(
            alert_id="a",
            deployment="churn@champion",
            name="errors",
            version=2,
            kind="error_rate",
            state="firing",
            updated_at=1,
        )
        HttpMonitoring(http).put_alerts([alert])
        received = receiver.wait_for(11)
        assert all(item.signed_with(SECRET) for item in received)
        assert not any(item.signed_with("another") for item in received)
        in_order = sorted(received, key=lambda item: int(item.data["event_id"]))
        assert [item.kind for item in in_order] == [
            "registered_model.created",
            "model_version.created",
            "model_version.created",
            "model_version_alias.created",
            "model_version_alias.created",
            "model_version_alias.deleted",
            "model_version.transitioned",
            "model_version.updated",
            "model_version_tag.set",
            "model_version.deleted",
            "alert.firing",
        ]
        first, moved = in_order[0].data, in_order[4].data
        assert (first["name"], first["tags"], first["description"]) == ("churn", {"a": "b"}, "d")
        assert (moved["alias"], moved["version"], moved["previous"]) == ("champion", "2", 1)
        assert len({item.delivery_id for item in received}) == len(received)
        wait_until(
            lambda: all(one.state == "delivered" for one in hooks.list_deliveries(made.webhook_id))
        )
        (again,) = [
            one
            for one in hooks.list_deliveries(made.webhook_id)
            if one.event == "registered_model.created"
        ]
        count = len(receiver.received)
        hooks.resend(again.delivery_id)
        assert receiver.wait_for(count + 1)[-1].delivery_id == again.delivery_id


def test_an_event_committed_while_no_server_runs_arrives_when_one_does(
    tmp_path: Path, client: Callable[[RunningServer], HttpClient]
) -> None:
    with Receiver() as receiver:
        with RunningServer(tmp_path, PRIVATE) as server:
            HttpWebhooks(client(server)).create_webhook(
                "hook", receiver.url, ["registered_model.created"], secret=SECRET
            )
        database = Database(f"sqlite:///{tmp_path}/mainstay.db")
        SqlRegistry(database).create_registered_model("churn")
        database.close()
        assert receiver.received == []
        with RunningServer(tmp_path, PRIVATE):
            (item,) = receiver.wait_for(1)
            assert item.data["name"] == "churn"
            assert item.signed_with(SECRET)


@pytest.mark.parametrize("point", ["outbox.delivered", "webhooks.sent"])
def test_a_server_that_dies_on_the_way_loses_no_event(
    tmp_path: Path, client: Callable[[RunningServer], HttpClient], point: str
) -> None:
    with Receiver() as receiver:
        with RunningServer(tmp_path, PRIVATE) as server:
            HttpWebhooks(client(server)).create_webhook(
                "hook", receiver.url, ["registered_model.created"]
            )
            # The outbox has delivered all there is, so that the next event is the one that kills.
            database = Database(f"sqlite:///{tmp_path}/mainstay.db")
            wait_until(lambda: _caught_up(database))
            database.close()
        with RunningServer(tmp_path, PRIVATE, environment={"MAINSTAY_KILL_AT": point}) as server:
            server.call("POST", "/api/2.0/mlflow/registered-models/create", name="churn")
            assert server.process.wait(120) == -9
        before = len(receiver.received)
        with RunningServer(tmp_path, PRIVATE):
            # What was sent and not written down is due again when the dead server's lease ends.
            received = receiver.wait_for(before + 1, 60)
        assert {item.delivery_id for item in received} == {received[0].delivery_id}
        assert before == (1 if point == "webhooks.sent" else 0)


def _caught_up(database: Database) -> bool:
    from mainstay.stores.sql import cursors
    from mainstay.stores.sql.tables.outbox import outbox_cursors

    with database.read() as connection:
        last = cursors.last_event(connection)
        places = connection.execute(outbox_cursors.select()).all()
        return len(places) == 1 and all(row.position == last for row in places)


@pytest.fixture
def database(database_uri: str) -> Iterator[Database]:
    opened = Database(database_uri)
    yield opened
    opened.close()


def run_to_the_end(database: Database, hooks: SqlWebhooks, *, done: Callable[[], bool]) -> None:
    """Queue what happened, and send until ``done``."""
    queue = Queue(database)
    for _ in range(2):  # again is harmless
        for event in SqlRelease(database).list_events():
            queue.deliver(event)
    deliverer = Deliverer(database, hooks.sender)
    deliverer.start()
    try:
        wait_until(done)
    finally:
        deliverer.stop()


def test_a_receiver_that_fails_is_tried_again_with_longer_pauses(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FIRST_PAUSE_MS", 20)
    replies = iter([500, 503, 404, 200])

    def reply(_: Received) -> tuple[int, dict[str, str], bytes]:
        return next(replies), {}, b"the body is nobody's to read"

    with Receiver(reply) as receiver:
        hooks = SqlWebhooks(database, Sender(allow_private=True))
        made = hooks.create_webhook("hook", receiver.url, ["registered_model.created"])
        SqlRegistry(database).create_registered_model("churn")

        def delivered() -> bool:
            found = hooks.list_deliveries(made.webhook_id)
            return bool(found) and found[0].state == "delivered"

        run_to_the_end(database, hooks, done=delivered)
        (delivery,) = hooks.list_deliveries(made.webhook_id)
        assert [attempt.status for attempt in delivery.attempts] == [500, 503, 404, 200]
        assert "nobody" not in repr(delivery)
        assert len({item.delivery_id for item in receiver.received}) == 1
    pauses = [deliveries.pause(tries) for tries in range(1, 40)]
    assert pauses[-1] <= deliveries.LONGEST_PAUSE_MS


def test_a_delivery_is_given_up_and_can_be_sent_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "FIRST_PAUSE_MS", 1)
    monkeypatch.setattr(deliveries, "TRIES", 3)
    hooks = SqlWebhooks(database, Sender(allow_private=True))
    url = "http://127.0.0.1:9/"
    made = hooks.create_webhook("hook", url, ["registered_model.created"])
    off = hooks.create_webhook("off", url, ["registered_model.created"], status="DISABLED")
    SqlRegistry(database).create_registered_model("churn")

    def failed() -> bool:
        found = hooks.list_deliveries(made.webhook_id)
        return bool(found) and found[0].state == "failed"

    run_to_the_end(database, hooks, done=failed)
    (delivery,) = hooks.list_deliveries(made.webhook_id)
    assert len(delivery.attempts) == 3
    assert "ConnectionRefused" in delivery.attempts[-1].error
    assert hooks.list_deliveries(off.webhook_id) == []
    assert hooks.resend(delivery.delivery_id).state == "waiting"
    hooks.update_webhook(made.webhook_id, status="DISABLED")
    with database.read() as connection:  # what waits for a disabled webhook goes on waiting
        assert not deliveries.due(connection, at=2**62)
    hooks.update_webhook(made.webhook_id, status="ACTIVE")
    forgotten = database.write(lambda c: deliveries.forget(c, before=2**62))
    assert forgotten == 0  # it waits again
    run_to_the_end(database, hooks, done=failed)
    assert database.write(lambda c: deliveries.forget(c, before=2**62)) == 1


def test_a_slow_receiver_holds_up_nobody_else(database: Database) -> None:
    let_go = threading.Event()

    def slow(_: Received) -> tuple[int, dict[str, str], bytes]:
        let_go.wait(120)
        return 200, {}, b""

    with Receiver(slow) as dead, Receiver() as quick:
        hooks = SqlWebhooks(database, Sender(allow_private=True))
        hooks.create_webhook("slow", dead.url, ["registered_model.created"])
        hooks.create_webhook("quick", quick.url, ["registered_model.created"])
        SqlRegistry(database).create_registered_model("churn")
        try:
            run_to_the_end(
                database, hooks, done=lambda: bool(quick.received) and (let_go.set() or True)
            )
        finally:
            let_go.set()
        assert len(quick.received) == 1


def test_a_redirect_is_not_followed_and_the_answer_is_not_shown(tmp_path: Path) -> None:
    with Receiver() as inner:

        def reply(_: Received) -> tuple[int, dict[str, str], bytes]:
            return 302, {"Location": inner.url}, b"internal secret"

        with Receiver(reply) as receiver, RunningServer(tmp_path, PRIVATE) as server:
            event = [{"entity": "ALERT", "action": "FIRING"}]
            made: Any = server.call(
                "POST", "/api/2.0/mlflow/webhooks", name="x", url=receiver.url, events=event
            ).json["webhook"]
            path = f"/api/2.0/mlflow/webhooks/{made['webhook_id']}/test"
            answer = server.call("POST", path)
            result: Any = answer.json["result"]
            assert (result["success"], result["response_status"]) == (False, 302)
            assert "not followed" in result["error_message"]
            assert b"internal secret" not in answer.body
            assert len(receiver.received) == 1
        assert inner.received == []


def test_without_the_option_no_private_address_is_taken(tmp_path: Path) -> None:
    with Receiver() as receiver, RunningServer(tmp_path) as server:
        event = [{"entity": "ALERT", "action": "FIRING"}]
        https = receiver.url.replace("http:", "https:")
        for url in (receiver.url, https, "https://localhost:443/"):
            answer = server.call(
                "POST", "/api/2.0/mlflow/webhooks", name="x", url=url, events=event
            )
            assert answer.status == 400, answer
        # A bad row that got into the database some other way opens no door either.
        database = Database(f"sqlite:///{tmp_path}/mainstay.db")
        hooks = SqlWebhooks(database, Sender(allow_private=True))
        planted = hooks.create_webhook("planted", https, ["registered_model.created"])
        path = f"/api/2.0/mlflow/webhooks/{planted.webhook_id}/test"
        result: Any = server.call("POST", path).json["result"]
        assert not result["success"]
        server.call("POST", "/api/2.0/mlflow/registered-models/create", name="churn")
        wait_until(lambda: any(one.attempts for one in hooks.list_deliveries(planted.webhook_id)))
        database.close()
        assert receiver.received == []


def test_https_is_spoken_with_the_certificates_that_the_system_trusts(tmp_path: Path) -> None:
    require("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", str(key), "-out", str(certificate)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    event = [{"entity": "ALERT", "action": "FIRING"}]
    results = []
    with Receiver(tls=tls) as receiver:
        for environment in ({}, {"SSL_CERT_FILE": str(certificate)}):
            folder = tmp_path / str(len(results))
            with RunningServer(folder, PRIVATE, environment=environment) as server:
                made: Any = server.call(
                    "POST", "/api/2.0/mlflow/webhooks", name="x", url=receiver.url, events=event
                ).json["webhook"]
                path = f"/api/2.0/mlflow/webhooks/{made['webhook_id']}/test"
                results.append(server.call("POST", path).json["result"])
        assert len(receiver.received) == 1
    assert results[0]["success"] is False  # type: ignore[index]
    assert "certificate" in results[0]["error_message"]  # type: ignore[index]
    assert results[1] == {"success": True, "response_status": 200}
