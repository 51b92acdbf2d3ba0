"""Two servers on one PostgreSQL database keep the contracts together.

Each call goes to the other server than the call before, so that whatever one of them wrote, the
next question about it is put to one that did not write it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from mainstay.stores.base import RegistryStore, ReleaseStore, TrackingStore
from mainstay.stores.http import HttpAccounts, HttpClient, HttpRegistry, HttpRelease, HttpTracking
from mainstay.testing.registry import RegistryContract
from mainstay.testing.release import ReleaseContract
from mainstay.testing.tracking import TrackingStoreContract
from tests.support.postgres import Cluster
from tests.support.server import RunningServer

SECRET = "a long enough secret"


class Turns:
    """Stores of one kind that take turns, a call each."""

    def __init__(self, *stores: object) -> None:
        self._stores = cycle(stores)

    def __getattr__(self, name: str) -> Any:
        return getattr(next(self._stores), name)


@pytest.fixture(scope="module")
def servers(
    postgres_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningServer, RunningServer]]:
    """Two servers on one new database, with one folder of artifacts."""
    folder = tmp_path_factory.mktemp("servers")
    uri = postgres_cluster.create_database()
    options = ("--backend-store-uri", uri, "--artifacts-destination", str(folder / "artifacts"))
    with (
        RunningServer(folder / "first", *options) as first,
        RunningServer(folder / "second", *options) as second,
    ):
        yield first, second
    postgres_cluster.drop_database(uri)


@pytest.fixture(scope="module")
def clients(servers: tuple[RunningServer, RunningServer]) -> Iterator[list[HttpClient]]:
    """A client of each."""
    found = [HttpClient(server.url) for server in servers]
    yield found
    for client in found:
        client.close()


@pytest.fixture(scope="module")
def known_clients(
    servers: tuple[RunningServer, RunningServer], clients: list[HttpClient]
) -> Iterator[list[HttpClient]]:
    """A client of each that speaks for the user ``grace``, who was added at the first."""
    accounts = HttpAccounts(clients[0])
    accounts.add_user("grace", SECRET, "maintainer")
    _, token = accounts.add_token("grace", 1, "contract tests")
    found = [HttpClient(server.url.replace("://", f"://grace:{token}@")) for server in servers]
    yield found
    for client in found:
        client.close()


class TestTracking(TrackingStoreContract):
    @pytest.fixture
    def store(self, clients: list[HttpClient]) -> TrackingStore:
        turns: Any = Turns(*map(HttpTracking, clients))
        return turns  # type: ignore[no-any-return]


class TestRegistry(RegistryContract):
    @pytest.fixture
    def store(self, clients: list[HttpClient]) -> RegistryStore:
        turns: Any = Turns(*map(HttpRegistry, clients))
        return turns  # type: ignore[no-any-return]


class TestRelease(ReleaseContract):
    @pytest.fixture
    def store(self, clients: list[HttpClient]) -> ReleaseStore:
        turns: Any = Turns(*map(HttpRelease, clients))
        return turns  # type: ignore[no-any-return]

    @pytest.fixture
    def second(self, known_clients: list[HttpClient]) -> ReleaseStore:
        turns: Any = Turns(*map(HttpRelease, known_clients))
        return turns  # type: ignore[no-any-return]

    @pytest.fixture
    def registry(self, clients: list[HttpClient]) -> RegistryStore:
        turns: Any = Turns(*map(HttpRegistry, clients))
        return turns  # type: ignore[no-any-return]
