"""Send what waits in the spool, of this process or of others that are gone."""

from __future__ import annotations

import os
import time
from typing import Any

from mainstay import settings
from mainstay.entities.runs import Run
from mainstay.errors import NotFound
from mainstay.fluent.session import Session
from mainstay.spool.segment import Target
from mainstay.spool.sync import Synced, pending
from mainstay.spool.sync import sync as send


def sync(uri: str | None = None) -> list[Synced]:
    """Send what earlier processes left in the spool, to ``uri`` or to wherever each belongs."""
    from mainstay.connect import connect

    def open_stores(target: Target) -> Any:
        return connect(target.uri, target.registry_uri)

    return send(settings.SPOOL_DIR.get(), open_stores, uri=uri)


def arrived(own: Session, run_id: str) -> Run:
    """Return a run, also one whose process was killed before it could send anything.

    Such a run is in the spool only: what others left there is sent, and waited for where our own
    sender has it under way. Raises: NotFound: it is not there either.
    """
    deadline = time.monotonic() + settings.READ_WAIT.get()
    while True:
        waits = any(
            one.pid != os.getpid() and one.waiting_bytes and one.uri == own.spool.uri
            for one in pending(settings.SPOOL_DIR.get())
        )
        try:
            return own.client.get_run(run_id)
        except NotFound:
            if not waits or time.monotonic() > deadline:
                raise
        sync(own.spool.uri)
        time.sleep(_PAUSE)


_PAUSE = 0.05
"""Seconds between two looks; a segment that our sender has is not ours to send."""
