"""How messages become bytes and bytes become messages, on both sides of the wire.

Requests under MLflow's paths are read strictly first: decoding is validating. What fails is read
once more by ``lenient``. Requests under our own paths are few and are read by ``lenient`` at once,
since it refuses unknown fields on every level.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from mainstay.errors import BadInput, BadRequest, StrangeAnswer
from mainstay.wire import lenient
from mainstay.wire.base import to_number
from mainstay.wire.endpoint import Endpoint, Format

M = TypeVar("M", bound=msgspec.Struct)

CONTENT_TYPES: dict[Format, str] = {
    "json": "application/json",
    "msgpack": "application/msgpack",
    "bytes": "application/octet-stream",
    "text": "text/plain; charset=utf-8",
    "events": "text/event-stream; charset=utf-8",
}


class Sent(msgspec.Struct, frozen=True):
    """A request as it goes out: path with query, body, and the body's content type."""

    target: str
    body: bytes | None
    content_type: str | None


# -- the server's side -------------------------------------------------------------------------
def decode_request(
    endpoint: Endpoint,
    method: str,
    *,
    path: Mapping[str, str] = {},
    query: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> msgspec.Struct:
    """Read a request into ``endpoint.request``.

    ``path`` holds the path's parameters, ``query`` the arguments in order (a repeated name is a
    list), ``body`` the whole body, which is left alone where it is a file's bytes.

    Raises:
        BadInput: a value is missing or wrong. BadRequest: the body cannot be read at all.
    """
    kind = endpoint.request
    if endpoint.reads_query(method) or (method == "DELETE" and not body.strip()):
        given = lenient.gather(query)
        given.update({name: [value] for name, value in path.items()})
        return _patient(given, kind, own=endpoint.own, text=True)
    if endpoint.body == "msgpack":
        return _unpack(body, kind)
    if not endpoint.own and not path and b"\\u0000" not in body:
        try:
            return _decoder(kind).decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            pass
    return _patient({**lenient.parse(body), **path}, kind, own=endpoint.own)


def encode_answer(endpoint: Endpoint, answer: msgspec.Struct) -> bytes:
    """Write an answer in the endpoint's format (JSON or msgpack)."""
    if endpoint.answer == "msgpack":
        return msgspec.msgpack.encode(answer)
    return to_json(answer) if endpoint.own else msgspec.json.encode(answer)


def to_json(value: Any) -> bytes:
    """Write records as JSON; NaN and ±Inf become ``"NaN"``, ``"Infinity"``, ``"-Infinity"``."""
    return msgspec.json.encode(_texts(msgspec.to_builtins(value)))


# -- the client's side -------------------------------------------------------------------------
def encode_request(endpoint: Endpoint, request: msgspec.Struct, method: str) -> Sent:
    """Write a request: fields go into the path, and into the query or the body.

    Raises:
        BadInput: a text holds half a character (a lone surrogate).
    """
    try:
        return _encode_request(endpoint, request, method)
    except UnicodeEncodeError as error:
        raise BadInput(f"text that is not valid Unicode cannot be sent: {error}") from error


def _encode_request(endpoint: Endpoint, request: msgspec.Struct, method: str) -> Sent:
    if endpoint.body == "msgpack":
        return Sent(endpoint.path, msgspec.msgpack.encode(request), CONTENT_TYPES["msgpack"])
    values = _texts(msgspec.to_builtins(request))
    target = endpoint.url(values)
    if endpoint.reads_query(method):
        rest = {name: one for name, one in values.items() if name not in endpoint.parameters}
        query = urlencode([pair for name, one in rest.items() for pair in _arguments(name, one)])
        return Sent(f"{target}?{query}" if query else target, None, None)
    return Sent(target, msgspec.json.encode(values), CONTENT_TYPES["json"])


def decode_answer(body: bytes, kind: type[M], *, packed: bool = False) -> M:
    """Read an answer; fields that a newer server adds are passed over.

    Raises:
        StrangeAnswer: the bytes are not such an answer, so something else answered.
    """
    try:
        if packed:
            return msgspec.msgpack.decode(body, type=kind)
        # Not strict: own answers have NaN and ±Inf as text in float fields.
        return msgspec.json.decode(body or b"{}", type=kind, strict=False)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise StrangeAnswer(
            f"the answer is not a {kind.__name__} ({error}); is this address that of a mainstay "
            "or MLflow server?"
        ) from error


# -- both ----------------------------------------------------------------------------------------
@cache
def _decoder(kind: type[msgspec.Struct]) -> msgspec.json.Decoder[msgspec.Struct]:
    return msgspec.json.Decoder(kind)


def _patient(
    data: Mapping[str, Any], kind: type[msgspec.Struct], *, own: bool, text: bool = False
) -> msgspec.Struct:
    try:
        fields = lenient.Reader(own=own, text=text).message(data, kind)
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise BadInput(f"the request does not fit: {error}") from None
    except RecursionError:
        raise BadRequest("the body of the request is nested too deeply") from None


def _unpack(body: bytes, kind: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, OverflowError) as error:
        raise BadRequest(f"the msgpack body cannot be read: {error}") from None


def _arguments(name: str, value: Any) -> list[tuple[str, str]]:
    """Return one field as query arguments: none for null, several for a list."""
    if value is None:
        return []
    if isinstance(value, list):
        return [pair for one in value for pair in _arguments(name, one)]
    if isinstance(value, bool):
        return [(name, "true" if value else "false")]
    return [(name, str(value))]


def _texts(value: Any) -> Any:
    """Replace floats that JSON lacks by text, wherever they are in a built-in value."""
    if isinstance(value, float):
        return value if math.isfinite(value) else to_number(value)
    if isinstance(value, list):
        return [_texts(one) for one in value]
    if isinstance(value, dict):
        return {name: _texts(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_texts(one) for one in value]
    return value
