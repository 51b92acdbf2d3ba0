"""Which requests the event loop takes itself, and which go through a thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from mainstay.server.run import Options
from mainstay.server.services import open_services
from mainstay.server.swift import GLANCES, INSTANT, SMALL, WRITES, Swift
from mainstay.wire.endpoint import Action
from mainstay.wire.endpoints import BY_NAME

NOBODY = Headers({})
SOMEBODY = Headers({"authorization": "Bearer x"})


@pytest.fixture
def swift(tmp_path: Path) -> Iterator[Swift]:
    """The short ways of a server on SQLite."""
    opened = open_services(Options(backend_store_uri=f"sqlite:///{tmp_path}/a.db"))
    yield Swift(opened.services)
    opened.close()


def test_small_writes_and_glances_are_taken(swift: Swift) -> None:
    assert all(swift.takes(name, NOBODY, b"{}") for name in WRITES)
    assert all(swift.glances(name, NOBODY) for name in GLANCES | INSTANT)


def test_large_bodies_go_through_a_thread(swift: Swift) -> None:
    assert not swift.takes("runs.log_batch", NOBODY, b"x" * (SMALL + 1))


def test_credentials_are_looked_up_in_a_thread(swift: Swift) -> None:
    assert not any(swift.takes(name, SOMEBODY, b"{}") for name in WRITES)
    assert not any(swift.glances(name, SOMEBODY) for name in GLANCES)


def test_nothing_else_is_taken(swift: Swift) -> None:
    for name in set(BY_NAME) - WRITES:
        assert not swift.takes(name, NOBODY, b"{}")
    for name in set(BY_NAME) - GLANCES - INSTANT:
        assert not swift.glances(name, NOBODY)


def test_what_is_glanced_at_changes_nothing() -> None:
    assert {BY_NAME[name].permission.action for name in GLANCES} == {Action.READ}
    assert {BY_NAME[name].permission.action for name in INSTANT} == {Action.PUBLIC}


def test_on_two_databases_both_must_be_quick(postgres_uri: str, tmp_path: Path) -> None:
    options = Options(
        backend_store_uri=f"sqlite:///{tmp_path}/a.db", registry_store_uri=postgres_uri
    )
    opened = open_services(options)
    swift = Swift(opened.services)
    assert swift.takes("runs.log_metric", NOBODY, b"{}")
    assert not swift.glances("registry.get_by_alias", NOBODY)
    opened.close()
