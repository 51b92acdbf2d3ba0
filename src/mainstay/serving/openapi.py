"""The OpenAPI document of a served model: ``/invocations`` with the columns of its signature."""

from __future__ import annotations

import json
from typing import Any

from mainstay import __version__
from mainstay.packaging.signature import ModelSignature
from mainstay.packaging.types import Array, ColSpec, DataType, Kind, Map, Object, TensorSpec
from mainstay.serving.served import ServedModel

_SCALARS: dict[DataType, dict[str, Any]] = {
    DataType.boolean: {"type": "boolean"},
    DataType.integer: {"type": "integer", "format": "int32"},
    DataType.long: {"type": "integer", "format": "int64"},
    DataType.float: {"type": "number", "format": "float"},
    DataType.double: {"type": "number", "format": "double"},
    DataType.string: {"type": "string"},
    DataType.binary: {"type": "string", "format": "byte"},
    DataType.datetime: {"type": "string", "format": "date-time"},
}


def document(served: ServedModel) -> dict[str, Any]:
    """Return the document, version 3.1 of OpenAPI."""
    body: dict[str, Any] = {"schema": _request(served.signature)}
    example = served.example()
    if example is not None:
        body["example"] = json.loads(example)
    content = {"application/json": body, "text/csv": {"schema": {"type": "string"}}}
    error = {
        "description": "What was wrong with the request, or that the model failed.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": served.title, "version": str(served.version or __version__)},
        "paths": {
            "/invocations": {
                "post": {
                    "operationId": "invocations",
                    "requestBody": {"required": True, "content": content},
                    "responses": {
                        "200": {
                            "description": "One prediction a row.",
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "required": ["predictions"],
                                        "properties": {"predictions": {}},
                                    }
                                }
                            },
                        },
                        "default": error,
                    },
                }
            },
            **{path: {"get": _plain(text)} for path, text in _GETS.items()},
        },
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error_code", "message"],
                    "properties": {
                        "error_code": {"type": "string"},
                        "message": {"type": "string"},
                    },
                }
            }
        },
    }


_GETS = {
    "/ping": "The process is alive.",
    "/health": "The process is alive.",
    "/ready": "The version that serves, and the one that is wanted.",
    "/version": "The version of mainstay.",
    "/metrics": "Prometheus series.",
    "/openapi.json": "This document.",
}


def _plain(text: str) -> dict[str, Any]:
    return {"summary": text, "responses": {"200": {"description": text}}}


def _request(signature: ModelSignature | None) -> dict[str, Any]:
    row: dict[str, Any] = {"type": "object"}
    names: list[str] = []
    inputs = signature.inputs if signature is not None else None
    if inputs is not None and inputs.has_input_names() and not inputs.is_tensor_spec():
        names = [str(name) for name in inputs.input_names()]
        row["properties"] = {str(c.name): _column(c) for c in inputs}
        row["required"] = [str(name) for name in inputs.required_input_names()]
    columns: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
    if names:
        columns["examples"] = [names]
    split = {
        "type": "object",
        "required": ["data"],
        "properties": {"columns": columns, "data": {"type": "array", "items": {"type": "array"}}},
    }
    forms: dict[str, Any] = {
        "dataframe_split": split,
        "dataframe_records": {"type": "array", "items": row},
        "instances": {"type": "array"},
        "inputs": {},
    }
    return {
        "oneOf": [
            {"type": "object", "required": [key], "properties": {key: form, "params": _PARAMS}}
            for key, form in forms.items()
        ]
    }


_PARAMS = {"type": "object", "description": "Parameters of predict, by name."}


def _column(column: ColSpec | TensorSpec) -> dict[str, Any]:
    if isinstance(column, TensorSpec):
        return {"type": "array"}
    found = _kind(column.type)
    return found if column.required or not found else {"anyOf": [found, {"type": "null"}]}


def _kind(kind: Kind) -> dict[str, Any]:
    match kind:
        case DataType():
            return _SCALARS[kind]
        case Array(dtype):
            return {"type": "array", "items": _kind(dtype)}
        case Map(value_type):
            return {"type": "object", "additionalProperties": _kind(value_type)}
        case Object(properties):
            return {
                "type": "object",
                "properties": {found.name: _kind(found.dtype) for found in properties},
                "required": [found.name for found in properties if found.required],
            }
        case _:
            return {}
