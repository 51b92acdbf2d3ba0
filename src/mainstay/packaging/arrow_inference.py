"""Infer a schema from Arrow's and Spark's own types, without a look at the values.

A column of Arrow or polars is required where it holds no null; all columns of Spark are.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mainstay.errors import BadInput
from mainstay.packaging.signature import Schema
from mainstay.packaging.types import AnyType, Array, ColSpec, DataType, Kind, Map, Object, Property

_SCALARS: dict[Any, DataType] = {
    pa.bool_(): DataType.boolean,
    pa.int8(): DataType.integer,
    pa.int16(): DataType.integer,
    pa.int32(): DataType.integer,
    pa.uint8(): DataType.integer,
    pa.uint16(): DataType.integer,
    pa.uint32(): DataType.long,
    pa.int64(): DataType.long,
    pa.float16(): DataType.float,
    pa.float32(): DataType.float,
    pa.float64(): DataType.double,
    pa.string(): DataType.string,
    pa.large_string(): DataType.string,
    pa.string_view(): DataType.string,
    pa.binary(): DataType.binary,
    pa.large_binary(): DataType.binary,
    pa.binary_view(): DataType.binary,
}
_SPARK = {
    "boolean": DataType.boolean,
    "byte": DataType.integer,
    "short": DataType.integer,
    "integer": DataType.integer,
    "long": DataType.long,
    "float": DataType.float,
    "double": DataType.double,
    "string": DataType.string,
    "binary": DataType.binary,
    "date": DataType.datetime,
    "timestamp": DataType.datetime,
    "timestamp_ntz": DataType.datetime,
}


def is_columnar(data: Any) -> bool:
    """Tell whether it is an Arrow, polars or Spark table (or a polars column); imports nothing."""
    module = type(data).__module__
    named = module.startswith(("pyarrow.", "polars.", "pyspark.sql")) or module == "polars"
    return named and (hasattr(data, "schema") or hasattr(data, "to_arrow"))


def infer_columns(data: Any) -> Schema:
    """Return the schema of an Arrow, polars or Spark table. Raises: BadInput."""
    if type(data).__module__.startswith("pyspark.sql"):
        return _of_spark(data.schema.jsonValue())
    table = data.to_arrow() if hasattr(data, "to_arrow") else data
    if isinstance(table, pa.ChunkedArray | pa.Array):
        table = pa.table({str(getattr(data, "name", "") or "0"): table})
    columns = []
    for field, values in zip(table.schema, table.columns, strict=True):
        try:
            columns.append(ColSpec(_kind(field.type), field.name, values.null_count == 0))
        except BadInput as error:
            raise BadInput(f"column {field.name!r}: {error}") from error
    return Schema(columns)


def _kind(found: pa.DataType) -> Kind:
    known = _SCALARS.get(found)
    if known is not None:
        return known
    if pa.types.is_timestamp(found) or pa.types.is_date(found):
        return DataType.datetime
    if pa.types.is_dictionary(found):
        return _kind(found.value_type)
    if pa.types.is_null(found):
        return AnyType()
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if any(test(found) for test in lists):
        return Array(_kind(found.value_type))
    if pa.types.is_map(found):
        return Map(_kind(found.item_type))
    if pa.types.is_struct(found):
        return Object([Property(part.name, _kind(part.type), not part.nullable) for part in found])
    raise BadInput(f"the type {found} has no name in a signature")


def _of_spark(form: dict[str, Any]) -> Schema:
    # Spark calls nearly every column nullable, which says nothing of the data.
    return Schema(
        [ColSpec(_spark_kind(part["type"]), part["name"], True) for part in form["fields"]]
    )


def _spark_kind(form: Any) -> Kind:
    if isinstance(form, str):
        if form in _SPARK:
            return _SPARK[form]
        raise BadInput(f"Spark's type {form} has no name in a signature")
    name = form.get("type")
    if name == "array":
        return Array(_spark_kind(form["elementType"]))
    if name == "map":
        return Map(_spark_kind(form["valueType"]))
    if name == "struct":
        return Object(
            [Property(part["name"], _spark_kind(part["type"]), True) for part in form["fields"]]
        )
    if name == "udt" and str(form.get("class", "")).endswith("VectorUDT"):
        return Array(DataType.double)
    raise BadInput(f"Spark's type {name} has no name in a signature")
