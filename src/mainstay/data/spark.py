"""Data frames of Spark, and Delta tables with or without it."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from mainstay.artifact_store.object import open_store
from mainstay.capture import lakes
from mainstay.data.source import source_of
from mainstay.data.tables import DIGEST_LENGTH, LoggableDataset, from_pandas
from mainstay.entities.inputs import Dataset
from mainstay.errors import BadInput, MainstayError, NotImplementedHere

_TYPES = {
    "tinyint": "integer",
    "smallint": "integer",
    "int": "integer",
    "bigint": "long",
    "float": "float",
    "double": "double",
    "boolean": "boolean",
    "binary": "binary",
    "date": "datetime",
    "timestamp": "datetime",
    "timestamp_ntz": "datetime",
}
"""MLflow's names of Spark's types; decimals are doubles, whatever else is text."""


def from_spark(
    df: Any,
    path: str | None = None,
    table_name: str | None = None,
    version: str | None = None,
    sql: str | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> LoggableDataset:
    """Describe a Spark frame. ``path``, ``table_name`` or ``sql`` is where it was read from.

    The digest is of every row, in any order, and of names and types; it takes one Spark job over
    the frame, unless ``digest`` is given.

    Raises: BadInput: more than one source; a ``version`` of what is no Delta table; a column that
    is not there.
    """
    for column in (targets, predictions):
        if column is not None and column not in df.columns:
            raise BadInput(f"the data set has no column {column!r}; it has {_named(df.columns)}")
    kind, where = _source(path, table_name, version, sql)
    rows, content = _counted(df, digest)
    record = Dataset(
        name=name or "dataset",
        digest=digest or content,
        source_type=kind,
        source=where,
        schema=_schema(df),
        profile=json.dumps({"approx_count": rows, "num_rows": rows}),
    )

    def rows_of(wanted: int | None) -> tuple[Any, int]:
        # Spark has no order to choose by: a sample is the first rows that it gives.
        return (df if wanted is None else df.limit(wanted)).toArrow(), rows

    return LoggableDataset(record, df, targets=targets, rows=rows_of)


def load_delta(
    path: str | None = None,
    table_name: str | None = None,
    version: str | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
) -> LoggableDataset:
    """Read a Delta table, at a version or as it is, and describe it with the version that was read.

    With the active Spark session where there is one, else with the package ``deltalake``, as a
    pandas frame. Raises: BadInput unless one of ``path`` and ``table_name`` is given;
    NotImplementedHere for a table by name without Spark; ImportError without either.
    """
    if (path is None) == (table_name is None):
        raise BadInput("give either path or table_name of the Delta table")
    session = _active_session()
    if session is not None:
        return _with_spark(session, path, table_name, version, targets, name, digest)
    if path is None:
        raise NotImplementedHere(
            f"the table {table_name!r} is known to a Spark session only; start one, or give path="
        )
    try:
        from deltalake import DeltaTable
    except ImportError as error:
        raise ImportError(
            "a Delta table is read by Spark or by the package deltalake; "
            "pip install 'mainstay[delta]'"
        ) from error
    table = DeltaTable(path, version=None if version is None else int(version))
    frame = table.to_pandas()
    described = from_pandas(frame, path, targets, name, digest)
    return _from(described, *_delta(path, None, str(table.version())))


def _with_spark(
    session: Any,
    path: str | None,
    table_name: str | None,
    version: str | None,
    targets: str | None,
    name: str | None,
    digest: str | None,
) -> LoggableDataset:
    reader = session.read.format("delta")
    if version is None and path is not None:
        version = _version_at(path)  # named before it is read, so that both are the same
    if version is not None:
        reader = reader.option("versionAsOf", version)
    frame = reader.load(path) if path is not None else reader.table(table_name)
    described = from_spark(frame, targets=targets, name=name, digest=digest)
    return _from(described, *_delta(path, table_name, version))


def _from(described: LoggableDataset, kind: str, where: str) -> LoggableDataset:
    record = msgspec.structs.replace(described.record, source_type=kind, source=where)
    return described.with_record(record)


def _active_session() -> Any:
    """Return the Spark session that is active here; nothing of Spark is loaded to find out."""
    module = sys.modules.get("pyspark.sql")
    return module.SparkSession.getActiveSession() if module is not None else None


def _source(
    path: str | None, table_name: str | None, version: str | None, sql: str | None
) -> tuple[str, str]:
    given = [
        key for key, value in {"path": path, "table_name": table_name, "sql": sql}.items() if value
    ]
    if len(given) > 1:
        raise BadInput(f"a frame has one source, and {' and '.join(given)} are given")
    if path and (found := _version_at(path)):
        return _delta(path, None, version or found)
    if version is not None and not table_name:
        raise BadInput(
            f"version {version!r} is given, and there is no Delta table "
            + (f"at {path}" if path else "to which it could belong: give path or table_name")
        )
    if version is not None:
        return _delta(None, table_name, version)
    if not given:
        return source_of(None)
    known = {"path": path, "table_name": table_name, "sql": sql}
    return "spark", json.dumps({key: value for key, value in known.items() if value})


def _delta(path: str | None, table_name: str | None, version: str | None) -> tuple[str, str]:
    where: dict[str, Any] = {"path": path, "delta_table_name": table_name}
    if version is not None:
        where["delta_table_version"] = int(version)
    where = {key: value for key, value in where.items() if value is not None}
    return "delta_table", json.dumps({**where, "is_databricks_uc_table": False})


def _version_at(path: str) -> str | None:
    """Return the version that the log at ``path`` ends with; None if that is no Delta table."""
    try:
        store = open_store(path)
        if "://" not in path and not Path(path).is_dir():
            return None
        found = lakes.table_version(store) or ""
    except (MainstayError, OSError):
        return None
    return found.removeprefix("delta:") if found.startswith("delta:") else None


def _counted(df: Any, digest: str | None) -> tuple[int, str]:
    """Return how many rows there are, and the digest of all of them in whatever order."""
    if digest is not None:
        return int(df.count()), ""
    from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

    columns = [
        F.to_json(F.col(f"`{field.name}`"))
        if "map<" in field.dataType.simpleString()
        else F.col(f"`{field.name}`")
        for field in df.schema.fields
    ]
    # Nulls have no effect on a hash: which cells are null is hashed beside them.
    nulls = [F.col(f"`{field.name}`").isNull() for field in df.schema.fields]
    hashed = df.select(F.xxhash64(*columns, *nulls).alias("h"))
    found = hashed.agg(
        F.count("h"), F.sum(F.col("h").cast("decimal(38,0)")), F.bit_xor("h")
    ).collect()[0]
    made = json.dumps([df.schema.jsonValue(), *map(str, found)], sort_keys=True)
    return int(found[0]), hashlib.sha256(made.encode()).hexdigest()[:DIGEST_LENGTH]


def _schema(df: Any) -> str:
    columns = [
        {
            "type": _type(field.dataType.simpleString()),
            "name": field.name,
            "required": not field.nullable,
        }
        for field in df.schema.fields
    ]
    return json.dumps({"mlflow_colspec": columns})


def _type(spark: str) -> str:
    return "double" if spark.startswith("decimal") else _TYPES.get(spark, "string")


def _named(columns: list[str]) -> str:
    return ", ".join(columns[:20])
