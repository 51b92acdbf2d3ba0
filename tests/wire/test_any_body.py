"""Whatever a body or a query holds, reading it ends in a request or in a user's mistake."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import BadInput
from mainstay.wire.codec import decode_request
from mainstay.wire.endpoint import Endpoint
from mainstay.wire.endpoints import TABLE
from mainstay.wire.lenient import struct_type

JSON_ROWS = [row for row in TABLE if row.body == "json"]
PACKED_ROWS = [row for row in TABLE if row.body == "msgpack"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["", "NaN", "1.5", "12", "RUNNING", "ALL", "\x00", "9" * 400])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["key", "value", "timestamp"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


def fields_of(row: Endpoint) -> st.SearchStrategy[dict[str, Any]]:
    names = [field.encode_name for field in struct_type(row.request).fields]
    spelled = [*names, *(name.title().replace("_", "") for name in names), "zzz"]
    return st.dictionaries(st.sampled_from(spelled), values, max_size=6)


def reads_or_refuses(row: Endpoint, method: str, **given_parts: Any) -> None:
    path = dict.fromkeys(row.parameters, "x")
    refusal = None
    try:
        found = decode_request(row, method, path=path, **given_parts)
    except BadInput as error:
        refusal = error
    if refusal is None:
        assert isinstance(found, row.request)
    else:
        assert refusal.status == 400
        assert refusal.message.encode()


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_any_json_object_is_read_or_refused(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(JSON_ROWS))
    body = json.dumps(data.draw(fields_of(row))).encode()
    reads_or_refuses(row, data.draw(st.sampled_from(row.methods)), body=body)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(JSON_ROWS), st.binary(max_size=64) | st.text(max_size=64).map(str.encode))
def test_any_bytes_are_read_or_refused(row: Endpoint, body: bytes) -> None:
    reads_or_refuses(row, row.methods[-1], body=body)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_query_is_read_or_refused(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from([one for one in TABLE if "GET" in one.methods]))
    names = [field.encode_name for field in struct_type(row.request).fields] + ["zzz"]
    texts = st.text(st.characters(), max_size=8) | st.sampled_from(["", "1", "true", "-5", "NaN"])
    query = data.draw(st.lists(st.tuples(st.sampled_from(names), texts), max_size=6))
    reads_or_refuses(row, "GET", query=query)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PACKED_ROWS), st.binary(max_size=64))
def test_any_packed_bytes_are_read_or_refused(row: Endpoint, body: bytes) -> None:
    reads_or_refuses(row, "POST", body=body)
