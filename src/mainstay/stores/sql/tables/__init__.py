"""Every table; importing this package fills ``base.metadata``."""

from mainstay.stores.sql.tables import (
    accounts,
    artifacts,
    experiments,
    inputs,
    logged_models,
    metrics,
    monitoring,
    outbox,
    registry,
    release,
    retention,
    runs,
    segments,
    standards,
    webhooks,
)
from mainstay.stores.sql.tables.base import metadata

__all__ = [
    "accounts",
    "artifacts",
    "experiments",
    "inputs",
    "logged_models",
    "metadata",
    "metrics",
    "monitoring",
    "outbox",
    "registry",
    "release",
    "retention",
    "runs",
    "segments",
    "standards",
    "webhooks",
]
