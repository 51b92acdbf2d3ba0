"""The table of endpoints and the handlers must match, and paths find their rows."""

from __future__ import annotations

from functools import partial
from importlib import import_module

import pytest

from mainstay.errors import EndpointNotFound, MethodNotAllowed
from mainstay.server.handlers import HANDLERS
from mainstay.server.routes import Routes, UnservedEndpoint
from mainstay.wire.endpoints import BY_NAME, TABLE


def test_a_row_without_a_handler_stops_the_start() -> None:
    fewer = {name: handler for name, handler in HANDLERS.items() if name != "runs.create"}
    with pytest.raises(UnservedEndpoint, match=r"runs\.create"):
        Routes(TABLE, fewer)


def test_a_handler_without_a_row_stops_the_start() -> None:
    rows = [row for row in TABLE if row.name != "runs.create"]
    with pytest.raises(UnservedEndpoint, match=r"runs\.create"):
        Routes(rows, HANDLERS)


def test_parameters_are_taken_from_the_path() -> None:
    routes = Routes(TABLE, HANDLERS)
    found = routes.find("GET", "/ajax-api/2.0/mlflow/logged-models/m-1")
    assert (found.endpoint, found.path) == (BY_NAME["logged_models.get"], {"model_id": "m-1"})
    deep = routes.find("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/a b/c\nd")
    assert deep.path == {"path": "1/a b/c\nd"}


def test_a_fixed_path_goes_before_a_parameter_in_the_same_place() -> None:
    routes = Routes(TABLE, HANDLERS)
    found = routes.find("POST", "/api/2.0/mlflow/logged-models/search")
    assert found.endpoint is BY_NAME["logged_models.search"]
    with pytest.raises(MethodNotAllowed):
        routes.find("POST", "/api/2.0/mlflow/logged-models/m-1")


def test_a_prefix_is_taken_off_whole_parts_only() -> None:
    routes = Routes(TABLE, HANDLERS, "ml/")
    assert routes.find("GET", "/ml/health").endpoint is BY_NAME["server.health"]
    assert routes.find("GET", "/health").endpoint is BY_NAME["server.health"]
    with pytest.raises(EndpointNotFound):
        routes.find("GET", "/mlx/health")


def test_handlers_that_are_loaded_when_they_are_asked_are_there() -> None:
    later = [handler for handler in HANDLERS.values() if isinstance(handler, partial)]
    assert later
    for handler in later:
        noun, verb = handler.args
        assert callable(getattr(import_module(f"mainstay.server.handlers.{noun}"), verb))
