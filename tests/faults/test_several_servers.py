"""Several servers on one PostgreSQL share the webhooks, and one that dies leaves nothing unsaid."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.faults.api import API, post
from tests.support.receiver import Receiver
from tests.support.server import RunningServer

SECRET = "s3cret"
LEASES = 120.0
"""Seconds within which the leases of a dead server have run out (30 each), with much to spare."""


def test_two_servers_send_each_event_and_one_alone_goes_on(
    postgres_uri: str, tmp_path: Path
) -> None:
    options = ("--backend-store-uri", postgres_uri, "--webhook-allow-private")
    hook = {"entity": "REGISTERED_MODEL", "action": "CREATED"}
    with (
        Receiver() as receiver,
        RunningServer(tmp_path / "one", *options, "--artifacts-destination", str(tmp_path)) as one,
        RunningServer(tmp_path / "two", *options, "--artifacts-destination", str(tmp_path)) as two,
    ):
        about = {"name": "ci", "url": receiver.url, "events": [hook], "secret": SECRET}
        post(one, f"{API}/webhooks", **about)
        for number in range(20):
            post((one, two)[number % 2], f"{API}/registered-models/create", name=f"net-{number}")
        together = receiver.wait_for(20)
        assert len({item.delivery_id for item in together}) == 20
        assert sorted(item.data["name"] for item in together) == sorted(
            f"net-{number}" for number in range(20)
        )
        for number in range(20, 40):
            post((one, two)[number % 2], f"{API}/registered-models/create", name=f"net-{number}")
            if number == 28:
                one.process.send_signal(signal.SIGKILL)
                one.process.wait(30)
                one = two  # the rest goes through the other
        receiver.wait_until(
            lambda received: len({item.data["name"] for item in received}) == 40, LEASES
        )
    ids: dict[str, set[str]] = {}
    for item in receiver.received:
        assert item.signed_with(SECRET)
        ids.setdefault(item.data["name"], set()).add(item.delivery_id)
    # What came twice came under one id.
    assert {len(found) for found in ids.values()} == {1}
