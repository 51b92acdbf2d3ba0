"""``mainstay webhooks`` through a server, and the stock client beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.parts import MLFLOW_PYTHON, require
from tests.support.receiver import Receiver
from tests.support.server import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server for a closed network."""
    folder = tmp_path_factory.mktemp("server")
    with RunningServer(folder, "--webhook-allow-private") as running:
        yield running


def command(
    server: RunningServer, *words: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mainstay", "webhooks", *words],
        env={**os.environ, "MAINSTAY_TRACKING_URI": server.url},
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def read(server: RunningServer, *words: str) -> Any:
    done = command(server, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_webhook_from_its_creation_to_its_end(server: RunningServer) -> None:
    with Receiver() as receiver:
        made = command(
            server,
            *("create", "deploys", receiver.url, "--secret-stdin"),
            *("-e", "registered_model.created", "-e", "model_version.transitioned"),
            given="s3cret\n",
        )
        assert made.returncode == 0, made.stderr
        (kept,) = [one for one in read(server, "list") if one["name"] == "deploys"]
        assert kept["signed"] is True
        assert "s3cret" not in str(kept)
        tested = command(server, "test", "deploys", "-e", "model_version.transitioned")
        assert tested.returncode == 0, tested.stderr
        (sample,) = receiver.wait_for(1)
        assert sample.signed_with("s3cret")
        server.call("POST", "/api/2.0/mlflow/registered-models/create", name="churn")
        (_, item) = receiver.wait_for(2)
        (delivery,) = read(server, "attempts", "deploys")
        assert delivery["delivery_id"] == item.delivery_id
        assert command(server, "resend", item.delivery_id).returncode == 0
        assert receiver.wait_for(3)[-1].delivery_id == item.delivery_id
    assert "registered_model.created" in command(server, "attempts", "deploys").stdout
    assert command(server, "delete", "deploys").returncode == 1  # nobody said yes
    assert command(server, "delete", "deploys", "--yes").returncode == 0
    assert "deploys" not in command(server, "list").stdout


def test_a_webhook_is_turned_off_changed_and_turned_on_again(server: RunningServer) -> None:
    with Receiver() as receiver:
        made = command(server, "create", "gone", receiver.url, "-e", "registered_model.created")
        assert made.returncode == 0, made.stderr
        off = read(server, "set", "gone", "--disable", "--description", "quiet")
        assert (off["status"], off["description"], off["signed"]) == ("DISABLED", "quiet", False)
        path = "/api/2.0/mlflow/registered-models/create"
        server.call("POST", path, name="unheard")
        back = command(
            server,
            *("set", "gone", "--enable", "--secret-stdin", "-e", "registered_model.deleted"),
            *("-e", "registered_model.restored"),
            given="new\n",
        )
        assert back.returncode == 0, back.stderr
        server.call("DELETE", "/api/2.0/mlflow/registered-models/delete", name="unheard")
        server.call("POST", "/api/mainstay/1.0/registry/models/restore", name="unheard")
        heard = receiver.wait_for(2)
        assert all(item.signed_with("new") for item in heard)
    kinds = [event["kind"] for event in read(server, "feed")]
    assert kinds[-2:] == ["registered_model.deleted", "registered_model.restored"]
    after = read(server, "feed", "--limit", "1")[0]["event_id"]
    assert read(server, "feed", "--after", str(after))[0]["event_id"] > after
    assert command(server, "set", "nowhere", "--enable").returncode == 1


def test_mistakes_are_one_sentence(server: RunningServer) -> None:
    for words, code in (
        (("test", "nobody"), 1),
        (("resend", "nothing"), 1),
        (("create", "a b", "http://127.0.0.1:9/", "-e", "alert.firing"), 2),
        (("create", "a", "http://127.0.0.1:9/", "-e", "alert.exploded"), 2),
        (("create", "a", "http://127.0.0.1:9/", "-e", "everything"), 2),
        (("create", "a", "http://127.0.0.1:9/"), 2),
    ):
        done = command(server, *words)
        assert done.returncode == code, (words, done.stderr)
        assert "Traceback" not in done.stderr
        assert "Error: " in done.stderr
    events = command(server, "events").stdout.split()
    assert events[0] == "registered_model.created"
    assert "alert.firing" in events


def test_a_receiver_that_is_away_ends_a_test_with_1(server: RunningServer) -> None:
    url = "http://127.0.0.1:9/"
    assert command(server, "create", "away", url, "-e", "alert.firing").returncode == 0
    done = command(server, "test", "away")
    assert done.returncode == 1
    assert "ConnectionRefused" in done.stderr


STOCK = """
import sys, mlflow
url = sys.argv[1]
client = mlflow.MlflowClient()
made = client.create_webhook(
    name="stock", url=url, events=["registered_model.created", "model_version_alias.deleted"],
    description="d", secret="s3cret",
)
assert client.get_webhook(made.webhook_id).name == "stock"
seen = {one.name: [str(event) for event in one.events] for one in client.list_webhooks()}
assert "ours" not in seen and len(seen["stock"]) == 2, seen
changed = client.update_webhook(made.webhook_id, name="stock2", status="ACTIVE")
assert changed.name == "stock2" and len(changed.events) == 2, changed
result = client.test_webhook(made.webhook_id, event="model_version_alias.deleted")
assert result.success and result.response_status == 200, result
client.create_registered_model("stock")
"""


def test_the_stock_client_works_beside_webhooks_that_it_does_not_know(
    server: RunningServer, tmp_path: Path
) -> None:
    require("mlflow")
    with Receiver() as receiver:
        assert command(server, "create", "ours", receiver.url, "-e", "alert.firing").returncode == 0
        done = subprocess.run(
            [str(MLFLOW_PYTHON), "-c", STOCK, receiver.url],
            env={
                **os.environ,
                "MLFLOW_TRACKING_URI": server.url,
                "MLFLOW_DISABLE_TELEMETRY": "true",
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        sample, event = receiver.wait_for(2)
        assert (sample.kind, event.kind) == (
            "model_version_alias.deleted",
            "registered_model.created",
        )
        assert sample.signed_with("s3cret")
        assert event.signed_with("s3cret")
        assert event.data["name"] == "stock"
