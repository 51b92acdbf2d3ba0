"""The logging standards of experiments on SQL, as text. What they mean is in ``promotion``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.standards import Standard
from mainstay.stores.sql import experiments, journal, rules, upsert
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tables.standards import experiment_standards

LONGEST = 100_000
_table = experiment_standards


class SqlStandards:
    """Keeps the texts. ``promotion.standards.Standards`` judges by them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, experiment_id: str) -> Standard | None:
        """Return an experiment's standard. Raises: NotFound."""
        number = experiments.number_of(experiment_id)
        with self.database.read() as connection:
            row = _find(connection, number)
            if row is None:
                experiments.find(connection, number)
                return None
            return _standard(row)

    def put(self, experiment_id: str, text: str, *, digest: str, by: Principal) -> Standard:
        """Set or replace it. Raises: NotFound, BadInput."""
        number = experiments.number_of(experiment_id)
        row = {
            "experiment": number,
            "text": rules.plain(text, "the standard", most=LONGEST),
            "digest": digest,
            "principal": str(by),
            "at": now(),
        }

        def work(connection: Connection) -> Standard:
            experiments.find(connection, number)
            upsert.put(connection, _table, row, key=["experiment"])
            data = {"experiment_id": experiment_id, "digest": digest}
            journal.record(connection, "standard.set", f"experiment {number}", data, by=by)
            return Standard(
                experiment_id=str(number), text=text, digest=digest, principal=str(by), at=now()
            )

        return self.database.write(work)

    def delete(self, experiment_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Remove it; a missing one is fine. Raises: NotFound (the experiment)."""
        number = experiments.number_of(experiment_id)

        def work(connection: Connection) -> None:
            experiments.find(connection, number)
            gone = connection.execute(delete(_table).where(_table.c.experiment == number))
            if gone.rowcount:
                data = {"experiment_id": experiment_id}
                journal.record(connection, "standard.deleted", f"experiment {number}", data, by=by)

        self.database.write(work)

    def any(self) -> bool:
        """Tell whether any experiment has one."""
        with self.database.read() as connection:
            return connection.execute(select(_table.c.experiment).limit(1)).first() is not None


def _find(connection: Connection, number: int) -> Row[Any] | None:
    return connection.execute(select(_table).where(_table.c.experiment == number)).first()


def _standard(row: Row[Any]) -> Standard:
    return Standard(
        experiment_id=str(row.experiment),
        text=row.text,
        digest=row.digest,
        principal=row.principal,
        at=row.at,
    )
