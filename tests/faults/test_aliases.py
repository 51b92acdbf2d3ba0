"""Alias moves are linearizable: concurrent compare-and-set, with the server killed meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.conftest import Start
from tests.faults.linear import Operation, linearizable
from tests.faults.racing import Clients, last_read, make_versions, wait_for_more


def test_the_checker_knows_good_histories_from_bad() -> None:
    done = [Operation("cas", 0, 1, value=1), Operation("cas", 2, 3, value=2, expected=1)]
    assert linearizable([*done, Operation("read", 4, 5, value=2)])
    assert not linearizable([*done, Operation("read", 4, 5, value=1)])  # a stale read
    both = [Operation("cas", 0, 9, value=1), Operation("cas", 0, 9, value=2)]
    assert not linearizable(both)  # two winners of one race
    lost = Operation("cas", 0, 1, value=1, outcome="unknown")
    assert linearizable([lost, Operation("read", 2, 3, value=None)])
    assert linearizable([lost, Operation("read", 2, 3, value=None), Operation("read", 4, 5, 1)])
    back = [Operation("read", 2, 3, value=1), Operation("read", 4, 5, value=None)]
    assert not linearizable([lost, *back])  # it cannot un-happen


@given(st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from([1, 2])), max_size=12))
def test_the_checker_accepts_what_a_real_register_did(moves: list[tuple[int | None, int]]) -> None:
    state: int | None = None
    history = []
    for number, (expected, value) in enumerate(moves):
        hit = expected == state
        outcome = "done" if hit else "refused"
        state = value if hit else state
        history.append(Operation("cas", number, number + 1.5, value, expected, outcome))  # type: ignore[arg-type]
    assert linearizable([*history, Operation("read", 99, 100, state)])


@pytest.mark.parametrize("seed", range(2))
def test_every_history_of_racing_moves_has_one_order(start: Start, seed: int) -> None:
    server = start()
    make_versions(server)
    aliases = [f"a{number}" for number in range(12)]
    clients = Clients(server.url, aliases, seed)
    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(clients.run, number) for number in range(5)]
        try:
            for _ in range(3):
                wait_for_more(clients, 60)
                server.process.kill()
                server.process.wait(120)
                server = start()
                clients.door.url = server.url
            wait_for_more(clients, 60)
        finally:
            clients.stop()
        for job in jobs:
            job.result(60)
    for alias in aliases:
        history = clients.histories[alias]
        final = [*history, last_read(server, alias)]
        assert linearizable(final), f"{alias} (seed {seed}): {sorted(final, key=lambda o: o.begun)}"
    assert sum(len(history) for history in clients.histories.values()) > 200
