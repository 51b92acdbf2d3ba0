"""Fixtures that several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

# Before anything imports the shipped contracts, so that their asserts explain themselves.
pytest.register_assert_rewrite("mainstay.testing")

from tests.support.parts import require  # noqa: E402
from tests.support.postgres import Cluster  # noqa: E402


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One private PostgreSQL for the whole test run."""
    require("postgresql")
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def postgres_uri(postgres_cluster: Cluster) -> Iterator[str]:
    """A database of its own for a test module."""
    uri = postgres_cluster.create_database()
    yield uri
    postgres_cluster.drop_database(uri)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_uri(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind, one a test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/mainstay.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    uri = cluster.create_database()
    yield uri
    cluster.drop_database(uri)
