"""Named points at which a process dies when a test asks for it, as if the power had gone.

``MAINSTAY_KILL_AT=database.before_commit`` kills the process the first time it gets there;
``database.before_commit:3`` the third time.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

from mainstay import settings

POINTS = (
    "database.before_commit",
    "database.after_commit",
    "spool.before_apply",
    "spool.after_apply",
    "spool.after_upload",
    "spool.before_offset",
    "spool.after_offset",
    "artifact.written",  # whole, beside its place, under another name
    "artifact.renamed",  # in its place; the folder is not flushed, the hash not recorded
    "artifact.recorded",  # the hash is recorded, and nobody was told
    "alias.moved",  # alias, history, audit and events are written, not committed
    "schema.changed",  # tables are created or migrated, not committed
    "outbox.delivered",  # a subscriber took an event, and its place was not moved
    "webhooks.sent",  # a receiver has it, and nothing says so
    "backup.copied",  # a copy of the database is made, and is not yet under its name
    "gc.marked",  # what will be deleted is marked, and nothing of it deleted
    "gc.emptied",  # the files are deleted, and the rows are not
)
"""Every point there is."""

_passed: Counter[str] = Counter()


def reach(point: str) -> None:
    """Die here, without any tidying, if this is the point that was asked for."""
    asked = settings.KILL_AT.get()
    if asked is None:
        return
    name, _, times = asked.partition(":")
    if name == point:
        _passed[point] += 1
        if _passed[point] >= int(times or 1):
            os.kill(os.getpid(), signal.SIGKILL)
