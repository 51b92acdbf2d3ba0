"""Send what waits in the spool."""

from __future__ import annotations

from typing import Any

from mainstay import settings
from mainstay.spool.segment import Target
from mainstay.spool.sync import Synced
from mainstay.spool.sync import sync as send


def sync(uri: str | None = None) -> list[Synced]:
    """Send what earlier processes left in the spool, to ``uri`` or to wherever each belongs."""
    from mainstay.connect import connect

    def open_stores(target: Target) -> Any:
        return connect(target.uri, target.registry_uri)

    return send(settings.SPOOL_DIR.get(), open_stores, uri=uri)
