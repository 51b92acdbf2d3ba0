"""The marks of ``mainstay gc``: what has one is not restored, and nothing new refers to it.

Nor to what is erased already: a registration may have found the files just before.
"""

from __future__ import annotations

from sqlalchemy import Connection, exists, select

from mainstay.errors import Conflict
from mainstay.stores.sql.tables.logged_models import logged_models
from mainstay.stores.sql.tables.release import audit_log
from mainstay.stores.sql.tables.runs import runs

MARK = "gc"
"""In ``runs.deleted_by`` and ``logged_models.lifecycle_stage``."""

ERASED = "gc.deleted"
"""What the audit says of a run or logged model that is no more; the subject is its id."""


def components(*locations: str | None) -> set[str]:
    """Return the parts of addresses; ids of runs and models are parts of theirs.

    >>> sorted(components("mlflow-artifacts:/1/m-2/artifacts", None))
    ['1', 'artifacts', 'm-2', 'mlflow-artifacts:']
    """
    return {part for location in locations if location for part in location.split("/") if part}


def refuse(connection: Connection, *addresses: str | None) -> None:
    """Raise Conflict if an address leads to, or is the id of, what gc deletes or has deleted."""
    parts = sorted(components(*addresses))
    gone = connection.execute(
        select(runs.c.run_id).where(runs.c.run_id.in_(parts), runs.c.files_gone_at.is_not(None))
    ).scalar()
    if gone is not None:
        raise Conflict(
            f"the files of run {gone} are gone, as the retention of its experiment says; use "
            "files of another run or model"
        )
    marked = connection.execute(
        select(runs.c.run_id)
        .where(runs.c.run_id.in_(parts), runs.c.deleted_by == MARK)
        .union_all(
            select(logged_models.c.model_id).where(
                logged_models.c.model_id.in_(parts), logged_models.c.lifecycle_stage == MARK
            ),
            select(audit_log.c.subject).where(
                # Experiments are erased too: their numbers are parts of many an address.
                audit_log.c.subject.in_([part for part in parts if not part.isdecimal()]),
                audit_log.c.action == ERASED,
                # An import may have brought it again.
                ~exists().where(runs.c.run_id == audit_log.c.subject),
                ~exists().where(logged_models.c.model_id == audit_log.c.subject),
            ),
        )
    ).first()
    if marked is not None:
        raise Conflict(
            f"{marked[0]} is deleted for good (mainstay gc), and its files with it; use "
            "files of another run or model"
        )
