"""Retention rules of experiments on SQL. What goes by them is found by ``expiring``."""

from __future__ import annotations

import math

from sqlalchemy import Connection, delete, select

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.retention import Holding, Retention
from mainstay.errors import BadInput
from mainstay.stores.sql import accounting, experiments, journal, upsert
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tables.retention import experiment_retention

DAY = 86_400_000
"""Milliseconds."""

LONGEST = 36_500.0
_table = experiment_retention


class SqlRetention:
    """The retention contract; files are recorded in the database of the registry."""

    def __init__(self, database: Database, registry: Database | None = None) -> None:
        self.database = database
        self.registry = registry or database

    def get_retention(self, experiment_id: str) -> Retention | None:
        """Return an experiment's rule. Raises: NotFound."""
        number = experiments.number_of(experiment_id)
        with self.database.read() as connection:
            experiments.find(connection, number)
            return rules(connection, number).get(number)

    def set_retention(self, rule: Retention, *, by: Principal = ANONYMOUS) -> Retention:
        """Set or replace it. Raises: NotFound, BadInput."""
        number = experiments.number_of(rule.experiment_id)
        days = {name: _days(name, getattr(rule, name)) for name in PARTS}
        if all(value is None for value in days.values()):
            raise BadInput("this rule says nothing; give days for deleted, unregistered or files")
        row = {"experiment": number, **days, "principal": str(by), "at": now()}

        def work(connection: Connection) -> Retention:
            experiments.find(connection, number)
            upsert.put(connection, _table, row, key=["experiment"])
            data = {"experiment_id": str(number), **days}
            journal.record(connection, "retention.set", f"experiment {number}", data, by=by)
            return rules(connection, number)[number]

        return self.database.write(work)

    def delete_retention(self, experiment_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Remove it. Raises: NotFound."""
        number = experiments.number_of(experiment_id)

        def work(connection: Connection) -> None:
            experiments.find(connection, number)
            gone = connection.execute(delete(_table).where(_table.c.experiment == number))
            if gone.rowcount:
                data = {"experiment_id": str(number)}
                journal.record(connection, "retention.deleted", f"experiment {number}", data, by=by)

        self.database.write(work)

    def get_holding(self, experiment_id: str) -> Holding:
        """Measure one experiment. Raises: NotFound."""
        number = experiments.number_of(experiment_id)
        with self.database.read() as connection, self.registry.read() as registry:
            experiments.find(connection, number)
            return accounting.holdings(connection, registry, number)[0]


PARTS = ("deleted", "unregistered", "files")


def rules(connection: Connection, number: int | None = None) -> dict[int, Retention]:
    """Return the rules by the number of their experiment: all, or that of one."""
    query = select(_table)
    if number is not None:
        query = query.where(_table.c.experiment == number)
    return {
        row.experiment: Retention(
            experiment_id=str(row.experiment),
            deleted=row.deleted,
            unregistered=row.unregistered,
            files=row.files,
            principal=row.principal,
            at=row.at,
        )
        for row in connection.execute(query)
    }


def moments(connection: Connection, part: str) -> dict[int, int]:
    """Return, for each experiment with such a rule, the moment (ms) before which it applies."""
    at = now()
    found = {number: getattr(rule, part) for number, rule in rules(connection).items()}
    return {number: at - int(days * DAY) for number, days in found.items() if days is not None}


def _days(name: str, value: float | None) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value) or not 0 <= value <= LONGEST:
        raise BadInput(f"{name} is a number of days from 0 to {LONGEST:g}, not {value:g}")
    return float(value)
