"""Events: what happened, in order, written in the transaction that made it happen."""

from __future__ import annotations

from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the outbox. ``kind`` is e.g. ``model_version.created``."""

    event_id: int
    kind: str
    subject: str
    data: dict[str, Any]
    at: int
