"""Refuse a PostgreSQL that is set to forget, or to damage, what it has confirmed."""

from __future__ import annotations

from sqlalchemy import Connection, text

from mainstay.errors import MainstayError

NEEDED = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings of the server that must not be off: without them a crash or a power cut takes commits
that were acknowledged, or damages the files."""


def check(connection: Connection) -> None:
    """Look at the settings in force. Raises: MainstayError."""
    with connection.begin():
        query = "SELECT " + ", ".join(f"current_setting('{name}')" for name in NEEDED)
        found = dict(zip(NEEDED, connection.execute(text(query)).one(), strict=True))
    off = [name for name in NEEDED if found[name] == "off"]
    if off:
        raise MainstayError(
            f"this PostgreSQL has {' and '.join(off)} turned off, so that what it confirms may be "
            f"lost or damaged; turn {'them' if len(off) > 1 else 'it'} on in postgresql.conf"
        )
