"""A real server for the stores over HTTP, one a database for all contract tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.stores.http import HttpAccounts, HttpClient
from tests.support.postgres import Cluster
from tests.support.server import RunningServer


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def contract_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """A server on each kind of database."""
    folder = tmp_path_factory.mktemp("server")
    if request.param == "sqlite":
        with RunningServer(folder) as server:
            yield server
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    uri = cluster.create_database()
    with RunningServer(folder, "--backend-store-uri", uri) as server:
        yield server
    cluster.drop_database(uri)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_uri(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database of each kind, one a test; on PostgreSQL it has its tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/mainstay.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    uri = cluster.create_with_tables()
    yield uri
    cluster.drop_database(uri)


@pytest.fixture(scope="session")
def http(contract_server: RunningServer) -> Iterator[HttpClient]:
    """A client without credentials."""
    client = HttpClient(contract_server.url)
    yield client
    client.close()


@pytest.fixture(scope="session")
def grace(contract_server: RunningServer, http: HttpClient) -> Iterator[HttpClient]:
    """A client that speaks for the user ``grace``."""
    accounts = HttpAccounts(http)
    accounts.add_user("grace", "a long enough secret", "maintainer")
    _, secret = accounts.add_token("grace", 1, "contract tests")
    client = HttpClient(contract_server.url.replace("://", f"://grace:{secret}@"))
    yield client
    client.close()
