"""What every write of registry and release leaves behind: a link of the audit, and an event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from mainstay.entities.accounts import Principal
from mainstay.stores.sql import audit, outbox


def record(
    connection: Connection, kind: str, subject: str, data: dict[str, Any], *, by: Principal
) -> None:
    """Write both in the caller's transaction; ``kind`` is such as ``model_version.created``.

    ``subject`` is ``<model>``, ``<model>/<version>``, ``<model>@<alias>`` or an id.
    """
    audit.append(connection, kind, subject, data, by=by)
    outbox.add(connection, kind, subject, {**data, "principal": str(by)})
