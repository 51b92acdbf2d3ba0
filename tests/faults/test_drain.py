"""SIGTERM drains: behind a proxy that knows two servers, a rolling restart fails no request.

That one server finishes what runs, uploads included, is tested in tests/server/test_run.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.api import API, create_run, history
from tests.support.postgres import Cluster
from tests.support.server import Door, RunningServer


class Balancer:
    """Sends to the first server that takes connections, as a balancer does."""

    def __init__(self, urls: list[str]) -> None:
        self.urls = urls

    def log(self, run: str, step: int) -> int:
        """Log a point and return the status. Raises: OSError if a connection broke after it was
        made, which is a failed request."""
        point = {"key": "m", "value": step, "timestamp": step, "step": step}
        while True:
            for url in list(self.urls):
                try:
                    answer = Door(url).call("POST", f"{API}/runs/log-metric", run_id=run, **point)
                except ConnectionRefusedError:
                    continue
                return answer.status


@pytest.fixture
def ended() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_rolling_restart_of_two_servers_fails_no_request(
    postgres_cluster: Cluster, tmp_path: Path, ended: ExitStack
) -> None:
    uri = postgres_cluster.create_database()
    ended.callback(postgres_cluster.drop_database, uri)

    def begin(name: str) -> RunningServer:
        return ended.enter_context(RunningServer(tmp_path / name, "--backend-store-uri", uri))

    servers = [begin("a"), begin("b")]
    balancer = Balancer([server.url for server in servers])
    runs = [create_run(servers[0]) for _ in range(3)]
    stop = threading.Event()
    written: dict[str, int] = dict.fromkeys(runs, 0)

    def write(run: str) -> None:
        while not stop.is_set():
            assert balancer.log(run, written[run]) == 200
            written[run] += 1

    def wait_for_more(count: int) -> None:
        wanted = sum(written.values()) + count
        deadline = time.monotonic() + 120
        while sum(written.values()) < wanted and not any(job.done() for job in jobs):
            assert time.monotonic() < deadline, "the writers do not get on"
            time.sleep(0.01)

    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(write, run) for run in runs]
        try:
            for turn in range(4):
                wait_for_more(60)
                place = turn % 2
                old = servers[place]
                # Out of the balancer's list last: requests may still be on their way to it.
                assert old.stop() == 0
                servers[place] = begin("ab"[place])
                balancer.urls[place] = servers[place].url
            wait_for_more(30)
        finally:
            stop.set()
        for job in jobs:
            job.result(60)
    for run in runs:
        assert history(servers[0], run, "m") == [(n, float(n)) for n in range(written[run])]
    for server in servers:
        assert server.stop() == 0


def test_a_stopped_server_leaves_its_database_in_one_file(tmp_path: Path) -> None:
    """The log is checkpointed at the end, so that the file alone can be copied away."""
    with RunningServer(tmp_path) as server:
        run = create_run(server)
        for step in range(20):
            point = {"key": "m", "value": step, "timestamp": step, "step": step}
            assert server.call("POST", f"{API}/runs/log-metric", run_id=run, **point).status == 200
        log = tmp_path / "mainstay.db-wal"
        assert log.stat().st_size > 0
        assert server.stop() == 0
    assert not log.exists()
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "mainstay.db").write_bytes((tmp_path / "mainstay.db").read_bytes())
    with RunningServer(copy) as again:
        assert history(again, run, "m") == [(n, float(n)) for n in range(20)]
