"""The table of endpoints, one file a noun. It drives routes, client, permissions and OpenAPI."""

from types import ModuleType

from mainstay.wire.endpoint import Endpoint
from mainstay.wire.endpoints import (
    accounts,
    artifacts,
    experiments,
    logged_models,
    metrics,
    monitoring,
    provenance,
    registry,
    release,
    retention,
    runs,
    server,
    spool,
    standards,
    versions,
    webhooks,
)

_NOUNS: tuple[ModuleType, ...] = (
    server,
    experiments,
    standards,
    retention,
    runs,
    metrics,
    logged_models,
    artifacts,
    registry,
    versions,
    release,
    provenance,
    monitoring,
    webhooks,
    spool,
    accounts,
)

TABLE: tuple[Endpoint, ...] = tuple(
    row for noun in _NOUNS for row in vars(noun).values() if isinstance(row, Endpoint)
)
"""Every row. More specific paths come before those with a parameter in the same place."""

BY_NAME: dict[str, Endpoint] = {row.name: row for row in TABLE}
