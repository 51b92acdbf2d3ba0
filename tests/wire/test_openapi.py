"""The OpenAPI document is whole: every row is in it and every reference leads somewhere."""

from __future__ import annotations

import json
import re
from typing import Any

from mainstay.wire.endpoint import Action
from mainstay.wire.endpoints import TABLE
from mainstay.wire.openapi import document


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(references(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(references(one) for one in value))
    return set()


def test_every_row_is_an_operation_with_its_permission() -> None:
    paths = document()["paths"]
    for row in TABLE:
        for method in row.methods:
            operation = paths[re.sub(r":\w+\}", "}", row.path)][method.lower()]
            assert operation["x-permission"] == {
                "action": row.permission.action.value,
                "kind": row.permission.kind.value,
            }
            assert (operation["security"] == []) == (row.permission.action is Action.PUBLIC)


def test_every_reference_leads_to_a_schema() -> None:
    found = document()
    names = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}
    assert references(found) <= names
    assert references(found)


def test_operations_have_distinct_ids_and_path_parameters_are_required() -> None:
    operations = [one for path in document()["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids))
    for path, methods in document()["paths"].items():
        for operation in methods.values():
            given = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert given == set(re.findall(r"\{(\w+)\}", path))


def test_the_document_is_json_and_names_its_version() -> None:
    found = json.loads(json.dumps(document()))
    assert found["openapi"] == "3.1.0"
    assert found["info"]["version"]
