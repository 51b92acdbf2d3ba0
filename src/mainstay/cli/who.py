"""Who works at the command line, where no server tells it."""

from __future__ import annotations

from mainstay.entities.accounts import Principal


def operator() -> Principal:
    """Return the user of the operating system; see ``connect.speaker.local_user``."""
    from mainstay.connect.speaker import local_user

    return local_user()
