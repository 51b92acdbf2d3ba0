"""Request bodies to what the model takes: MLflow's JSON shapes, CSV and Parquet."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from mainstay.errors import BadRequest, UnsupportedMediaType
from mainstay.models.enforce import Decoded, Decoder
from mainstay.scoring import tables
from mainstay.scoring.sources import csv_names, csv_options

JSON = "application/json"
CSV = "text/csv"
PARQUET = ("application/vnd.apache.parquet", "application/x-parquet", "application/parquet")


def decode(decoder: Decoder, content_type: str | None, body: bytes) -> Decoded:
    """Return the data and parameters of a request. A missing content type means JSON.

    Raises:
        UnsupportedMediaType: the content type, or its charset, is none that is read here.
        BadInput: the body is not what its type says, or does not fit the signature.
    """
    kind = _media_type(content_type)
    if kind == JSON:
        decoded = decoder.decode(body)
        return msgspec.structs.replace(decoded, params=decoder.params.fit(decoded.params))
    schema = decoder.signature.inputs if decoder.signature is not None else None
    rows = tables.read_text(_csv(body), schema) if kind == CSV else _parquet(body)
    tables.check_nulls(rows, schema)
    return Decoded(decoder.fit(tables.frame(rows)), decoder.params.fit(None))


def _media_type(content_type: str | None) -> str:
    if content_type is None or not content_type.strip():
        return JSON
    kind, *parameters = [part.strip().lower() for part in content_type.split(";")]
    if kind not in (JSON, CSV, *PARQUET):
        raise UnsupportedMediaType(
            f"Content-Type {kind[:80]!r} is not read here; send {JSON}, {CSV} or {PARQUET[0]}"
        )
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(f"the charset {value[:40]} is not read here; send utf-8")
    return kind


def _csv(body: bytes) -> pa.Table:
    names = csv_names(body.partition(b"\n")[0])
    try:
        return pyarrow.csv.read_csv(pa.BufferReader(body), convert_options=csv_options(names))
    except pa.ArrowInvalid as error:
        raise BadRequest(f"the body cannot be read as CSV: {error}") from None


def _parquet(body: bytes) -> pa.Table:
    try:
        return pyarrow.parquet.read_table(pa.BufferReader(body))
    except (pa.ArrowInvalid, OSError):
        raise BadRequest("the body cannot be read as Parquet") from None
