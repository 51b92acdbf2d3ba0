"""Real stores behind the guard, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from mainstay.promotion import policy as policies
from mainstay.promotion.guard import GuardedRegistry, GuardedRelease
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.release import SqlRelease
from tests.promotion.cases import DIGEST, evidence


class House(NamedTuple):
    """Guarded stores, and the plain ones below them."""

    registry: GuardedRegistry
    release: GuardedRelease
    plain_registry: SqlRegistry
    plain_release: SqlRelease
    database: Database

    def measure(self, version: int, auc: float) -> None:
        """Record quality evidence."""
        self.release.record_evidence([evidence(version=version, values={"auc": auc})])

    def gate(self, text: str, alias: str = "champion") -> None:
        """Put a gate before the alias."""
        self.release.set_policy("churn", alias, text, digest=policies.digest(text))

    def holder(self, alias: str = "champion") -> int | None:
        """Return who holds the alias."""
        return self.registry.get_registered_model("churn").aliases.get(alias)


@pytest.fixture
def house(database_uri: str) -> Iterator[House]:
    """A registry that holds three hashed versions of ``churn``."""
    database = Database(database_uri)
    registry, release = SqlRegistry(database), SqlRelease(database)
    registry.create_registered_model("churn")
    for number in (1, 2, 3):
        registry.create_model_version("churn", f"s3://bucket/{number}", digest=DIGEST)
    yield House(
        GuardedRegistry(registry, release),
        GuardedRelease(registry, release),
        registry,
        release,
        database,
    )
    database.close()
