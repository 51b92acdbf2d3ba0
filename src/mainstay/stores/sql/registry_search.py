"""Search of registered models and of model versions: order and keyset pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from mainstay.entities.pages import Page, Search
from mainstay.entities.registry import ModelVersion, RegisteredModel
from mainstay.errors import BadInput
from mainstay.stores.sql import registry_records as records
from mainstay.stores.sql import tokens
from mainstay.stores.sql.tables.registry import model_versions, registered_models

Order = list[tuple[str, bool]]
"""Names of order columns, each with "is descending"."""

MODEL_COLUMNS = {
    "name": registered_models.c.name,
    "timestamp": registered_models.c.updated_at,
    "last_updated_timestamp": registered_models.c.updated_at,
}
VERSION_COLUMNS = {
    "name": registered_models.c.name,
    "version_number": model_versions.c.version,
    "creation_timestamp": model_versions.c.created_at,
    "last_updated_timestamp": model_versions.c.updated_at,
}
MODELS_MOST, VERSIONS_MOST = 1000, 200_000


def search_models(connection: Connection, search: Search) -> Page[RegisteredModel]:
    """Return a page of models; default order is by name. Raises: BadInput."""
    order = [*_order(search, MODEL_COLUMNS), ("name", False)]
    query = select(registered_models)
    rows, token = _page(connection, query, search, order, MODEL_COLUMNS, MODELS_MOST)
    return Page(records.models(connection, rows), token)


def search_versions(connection: Connection, search: Search) -> Page[ModelVersion]:
    """Return a page of versions, deleted ones excepted. Raises: BadInput."""
    order = [
        *_order(search, VERSION_COLUMNS),
        ("last_updated_timestamp", True),
        ("name", False),
        ("version_number", True),
    ]
    query = select(model_versions, registered_models.c.name).join(registered_models)
    query = query.where(model_versions.c.deleted.is_(False))
    rows, token = _page(connection, query, search, order, VERSION_COLUMNS, VERSIONS_MOST)
    return Page(records.versions(connection, rows), token)


def _page(
    connection: Connection,
    query: Any,
    search: Search,
    order: Order,
    columns: Mapping[str, ColumnElement[Any]],
    most: int,
) -> tuple[Sequence[Any], str | None]:
    if not 0 < search.max_results <= most:
        raise BadInput(
            "Invalid value for request parameter max_results. It must be at least 1 and at most "
            f"{most}, but got value {search.max_results}"
        )
    order = _once(order)
    purpose = repr((search.filter, order))
    if search.token:
        place = tokens.unpack(purpose, search.token, length=len(order))
        query = query.where(_after(order, columns, place))
    sort = [columns[key].desc() if down else columns[key].asc() for key, down in order]
    found = connection.execute(query.order_by(*sort).limit(search.max_results + 1)).all()
    rows = found[: search.max_results]
    if len(found) <= search.max_results:
        return rows, None
    return rows, tokens.pack(purpose, [rows[-1]._mapping[columns[key]] for key, _ in order])


def _once(order: Order) -> Order:
    """Keep the first mention of each column; the later ones are the tie-breakers."""
    seen: dict[str, bool] = {}
    for key, down in order:
        seen.setdefault(key, down)
    return list(seen.items())


def _after(
    order: Order, columns: Mapping[str, ColumnElement[Any]], place: Sequence[Any]
) -> ColumnElement[bool]:
    """Match what comes behind ``place`` in this order."""
    ways = []
    for depth, (key, down) in enumerate(order):
        same = [columns[order[n][0]] == place[n] for n in range(depth)]
        column, value = columns[key], place[depth]
        if not isinstance(value, (str, int)) or isinstance(value, str) != (key == "name"):
            raise BadInput("Invalid page token: it was not given by this search")
        ways.append(and_(*same, column < value if down else column > value))
    return or_(*ways)


def _order(search: Search, columns: Mapping[str, Any]) -> Order:
    order: Order = []
    for text in search.order_by:
        words = text.split()
        key = (
            words[0].strip('`"').removeprefix("attribute.").removeprefix("attributes.")
            if words
            else ""
        )
        direction = words[1].upper() if len(words) == 2 else "ASC"
        if key not in columns or len(words) > 2 or direction not in ("ASC", "DESC"):
            known = ", ".join(sorted(columns))
            raise BadInput(
                f"Invalid order by key '{text}' specified. Valid keys are {known}, "
                "each with ASC or DESC behind it"
            )
        if key in dict(order):
            raise BadInput(f"`order_by` contains duplicate fields: {key}")
        order.append((key, direction == "DESC"))
    return order
