"""Webhooks and logging standards from Python, on a database and over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

import mainstay
from mainstay.errors import BadInput, NotFound
from tests.support.receiver import Receiver
from tests.support.server import RunningServer


@pytest.fixture(scope="module")
def private_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that may call receivers on this machine."""
    with RunningServer(tmp_path_factory.mktemp("server"), "--webhook-allow-private") as running:
        yield running


def test_a_webhook_is_made_tested_changed_and_deleted(private_server: RunningServer) -> None:
    client = mainstay.MlflowClient(private_server.url)
    name = f"hook-{uuid.uuid4().hex[:6]}"
    with Receiver() as receiver:
        made = client.create_webhook(
            name, receiver.url, ["model_version.created"], description="d", secret="s"
        )
        assert (made.name, made.status, made.signed) == (name, "ACTIVE", True)
        assert client.get_webhook(made.webhook_id) == made
        assert made.webhook_id in [one.webhook_id for one in client.list_webhooks()]
        tested = client.test_webhook(made.webhook_id, "model_version.created")
        assert (tested.success, tested.response_status) == (True, 200)
        assert receiver.received[0].kind == "model_version.created"
        assert receiver.received[0].signed_with("s")
    changed = client.update_webhook(
        made.webhook_id, events=["registered_model.created"], status="DISABLED"
    )
    assert (changed.events, changed.status) == (("registered_model.created",), "DISABLED")
    assert client.list_webhook_deliveries(made.webhook_id) == []
    with pytest.raises(BadInput, match="ACTIVE or DISABLED"):
        client.update_webhook(made.webhook_id, status="asleep")
    with pytest.raises(BadInput):
        client.create_webhook("other", made.url, ["no.such_event"])
    client.delete_webhook(made.webhook_id)
    with pytest.raises(NotFound):
        client.get_webhook(made.webhook_id)


@pytest.mark.usefixtures("face")
def test_a_standard_is_set_read_checked_and_taken_away(face: str, tmp_path: Path) -> None:
    client = mainstay.Client(face)
    experiment = client.create_experiment(f"standard {uuid.uuid4().hex[:6]}")
    assert client.get_standard(experiment) is None
    file = tmp_path / "standard.yaml"
    file.write_text("metrics: [auc]\n")
    client.set_standard(experiment, file)
    run_id = client.create_run(experiment).info.run_id
    client.log_metric(run_id, "loss", 1.0)
    report = client.check_run(run_id)
    assert report is not None
    assert report.missing == ["metric auc"]
    client.set_standard(experiment, "metrics: [loss]")
    again = client.check_run(run_id)
    assert again is not None
    assert again.complete
    client.delete_standard(experiment)
    assert client.check_run(run_id) is None
    with pytest.raises(BadInput):
        client.set_standard(experiment, "metrics: 7")
