"""The OpenAPI 3.1 document of everything the server answers, made from the table of endpoints."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mainstay import __version__
from mainstay.wire.base import Done, Empty
from mainstay.wire.codec import CONTENT_TYPES
from mainstay.wire.endpoint import Action, Endpoint
from mainstay.wire.endpoints import TABLE
from mainstay.wire.lenient import struct_type

_REF = "#/components/schemas/{name}"
_FAILURES = {
    "400": "A value is missing or wrong",
    "401": "No valid credentials",
    "403": "Not permitted, or a gate refused",
    "404": "There is no such thing",
}


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """An error: MLflow's code, a message that says what, which, and what to do, and our name of it.

    ``request_id`` is also in the header ``X-Request-Id`` and in the server's log. Some errors carry
    more (a gate's verdict, for one) beside these.
    """

    error_code: str
    message: str
    kind: str = ""
    request_id: str = ""


def document() -> dict[str, Any]:
    """Return the document as built-in values."""
    kinds = {kind for row in TABLE for kind in (row.request, row.response)} | {ErrorBody}
    ordered = sorted(kinds, key=lambda kind: (kind.__name__, kind.__module__))
    schemas, components = msgspec.json.schema_components(ordered, ref_template=_REF)
    refs = dict(zip(ordered, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for row in TABLE:
        path = re.sub(r":\w+\}", "}", row.path)
        for method in row.methods:
            paths.setdefault(path, {})[method.lower()] = _operation(row, method, refs, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mainstay",
            "version": __version__,
            "description": "Tracking, registry, gates and monitoring. The paths of MLflow's API "
            "answer under /ajax-api as well.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _operation(
    row: Endpoint, method: str, refs: dict[Any, Any], components: dict[str, Any]
) -> dict[str, Any]:
    public = row.permission.action is Action.PUBLIC
    operation: dict[str, Any] = {
        "operationId": row.name if method == row.methods[0] else f"{row.name}.{method.lower()}",
        "summary": (row.request.__doc__ or "").strip().partition("\n")[0],
        "tags": [row.name.partition(".")[0]],
        "security": [] if public else [{"token": []}, {"password": []}],
        "x-permission": {
            "action": row.permission.action.value,
            "kind": row.permission.kind.value,
        },
        "parameters": _parameters(row, method, components),
        "responses": {"200": _answer(row, refs)} | _failures(refs, public=public),
    }
    if row.body == "bytes":
        operation["requestBody"] = {"content": {CONTENT_TYPES["bytes"]: {}}, "required": True}
    elif not row.reads_query(method):
        operation["requestBody"] = {
            "content": {CONTENT_TYPES[row.body]: {"schema": refs[row.request]}}
        }
    return operation


def _parameters(row: Endpoint, method: str, components: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what goes into the path and the query."""
    shape = components.get(row.request.__name__, {}).get("properties", {})
    found = []
    for field in struct_type(row.request).fields:
        in_path = field.encode_name in row.parameters
        if not in_path and not row.reads_query(method):
            continue
        found.append(
            {
                "name": field.encode_name,
                "in": "path" if in_path else "query",
                "required": in_path or field.required,
                "schema": shape.get(field.encode_name, {}),
            }
        )
    return found


def _answer(row: Endpoint, refs: dict[Any, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if row.answer in ("json", "msgpack"):
        content = {"schema": refs[row.response]}
    said = "Done" if row.response in (Empty, Done) else (row.response.__doc__ or "").strip()
    media = CONTENT_TYPES[row.answer].partition(";")[0]
    return {"description": said.partition("\n")[0], "content": {media: content}}


def _failures(refs: dict[Any, Any], *, public: bool) -> dict[str, Any]:
    content = {"application/json": {"schema": refs[ErrorBody]}}
    return {
        status: {"description": said, "content": content}
        for status, said in _FAILURES.items()
        if not (public and status in ("401", "403"))
    }
