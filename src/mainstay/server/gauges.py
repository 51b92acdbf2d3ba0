"""What the stores behind a server say of themselves when Prometheus asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, text

from mainstay.errors import MainstayError
from mainstay.stores.sql import cursors, deliveries
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tables.outbox import outbox_cursors

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


class Gauges:
    """Measures when it is asked. A database that does not answer is left out, and said to be down.

    ``registry`` holds the outbox; it may be the same database as ``tracking``.
    """

    def __init__(self, tracking: Database, registry: Database) -> None:
        self._stores = {"tracking": tracking}
        if registry is not tracking:
            self._stores["registry"] = registry
        self._registry = registry

    def exposition(self) -> bytes:
        """Return the measurements of the server and of its stores in Prometheus's text format."""
        # Prometheus's library costs a start 20 ms: only those that are asked load it.
        from mainstay.server.exposition import exposition

        return exposition(self.collect)

    def collect(self) -> Iterator[Metric]:
        """Measure."""
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        up = GaugeMetricFamily("mainstay_store_up", "Whether a database answers.", labels=["store"])
        size = GaugeMetricFamily(
            "mainstay_store_bytes", "Bytes of a database on its disk.", labels=["store"]
        )
        queue = GaugeMetricFamily(
            "mainstay_commit_queue", "Writes that wait for the next commit.", labels=["store"]
        )
        commits = CounterMetricFamily(
            "mainstay_commits", "Commits of this process.", labels=["store"]
        )
        for name, database in self._stores.items():
            try:
                size.add_metric([name], _size(database))
                up.add_metric([name], 1)
            except MainstayError:
                up.add_metric([name], 0)
            if database.dialect == "sqlite":
                queue.add_metric([name], database.queued)
                commits.add_metric([name], database.commits)
        yield from (up, size, queue, commits)
        try:
            with self._registry.read() as connection:
                yield from _outbox(connection)
        except MainstayError:  # said by mainstay_store_up
            return


def _outbox(connection: Connection) -> Iterator[Metric]:
    from prometheus_client.metrics_core import GaugeMetricFamily

    lag = GaugeMetricFamily(
        "mainstay_outbox_lag", "Events that a subscriber has not taken yet.", labels=["subscriber"]
    )
    last = cursors.last_event(connection)
    table = outbox_cursors
    for row in connection.execute(select(table.c.subscriber, table.c.position)):
        lag.add_metric([row.subscriber], max(0, last - row.position))
    yield lag
    yield GaugeMetricFamily(
        "mainstay_webhook_deliveries_waiting",
        "Deliveries to webhooks that have not arrived yet.",
        value=deliveries.waiting(connection),
    )


def _size(database: Database) -> int:
    with database.read() as connection:
        if database.path is None:
            query = text("SELECT pg_database_size(current_database())")
            return int(connection.execute(query).scalar_one())
        connection.execute(text("SELECT 1"))
    files = (database.path, database.path.with_name(database.path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
