"""Clocks that are wrong: what a client says of time is kept as said, and decides nothing."""

from __future__ import annotations

from tests.faults.api import API, OWN, create_run, get, post
from tests.faults.conftest import Start

DAY = 86_400_000
NOW = 1_790_000_000_000


def test_points_of_clients_with_wrong_clocks_are_all_kept_as_said(start: Start) -> None:
    server = start()
    run = create_run(server)
    times = [NOW, NOW - DAY, NOW + DAY, 0, NOW - DAY, NOW]  # jumps, a day behind, a frozen clock
    for step, timestamp in enumerate(times):
        point = {"key": "m", "value": step, "timestamp": timestamp, "step": step}
        post(server, f"{API}/runs/log-metric", run_id=run, **point)
    answer = get(server, f"{API}/metrics/get-history", run_id=run, metric_key="m").json
    found = answer["metrics"]
    assert isinstance(found, list)
    kept = sorted((point.get("step", 0), int(point["timestamp"])) for point in found)
    assert kept == list(enumerate(times))
    # Which point is the last is a matter of steps, and of time only among equal steps.
    data = get(server, f"{API}/runs/get", run_id=run).json["run"]
    assert isinstance(data, dict)
    assert data["data"]["metrics"][0]["step"] == len(times) - 1


def test_the_order_of_moves_and_audit_is_the_servers(start: Start) -> None:
    server = start()
    post(server, f"{API}/registered-models/create", name="net")
    for number in (1, 2):
        post(server, f"{API}/model-versions/create", name="net", source="s3://bucket/model")
        alias = {"name": "net", "alias": "champion", "version": str(number)}
        post(server, f"{API}/registered-models/alias", **alias)
    answer = get(server, f"{OWN}/registry/alias-history", name="net", alias="champion")
    changes = answer.json["changes"]
    assert isinstance(changes, list)
    assert [change["version"] for change in changes] == [1, 2]
    ids = [change["change_id"] for change in changes]
    assert ids == sorted(ids)
    entries = get(server, f"{OWN}/audit", after=0, limit=100).json["entries"]
    assert isinstance(entries, list)
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
