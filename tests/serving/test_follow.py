"""A handle in a user's own service predicts with whichever version holds the alias."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.errors import AliasNotFound
from mainstay.serving.follow import follow
from tests.serving.support import FRAME, Registry, wait_for


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path)
    registry.add()
    registry.add()
    registry.point(1)
    yield registry
    registry.stores.close()


def test_the_handle_swaps_when_the_alias_moves(registry: Registry) -> None:
    swaps: list[tuple[int | None, int | None]] = []
    with follow(
        "models:/churn@champion",
        stores=registry.stores,
        every=0.02,
        on_swap=lambda before, after: swaps.append((before, after)),
    ) as model:
        assert list(model.predict(FRAME[:2])) == [1.0, 1.0]
        registry.point(2)
        wait_for(lambda: model.version == 2, "version 2")
        assert list(model.predict(FRAME[:2])) == [2.0, 2.0]
        wait_for(lambda: swaps == [(1, 2)], "the call back")


def test_callers_never_see_anything_but_a_whole_version(registry: Registry) -> None:
    wrong: list[object] = []
    stop = threading.Event()
    with follow("models:/churn@champion", stores=registry.stores, every=0.01) as model:

        def call() -> None:
            while not stop.is_set():
                found = set(model.predict(FRAME[:3]))
                if found not in ({1.0}, {2.0}):
                    wrong.append(found)

        threads = [threading.Thread(target=call) for _ in range(3)]
        for thread in threads:
            thread.start()
        for version in (2, 1, 2):
            registry.point(version)
            wait_for(lambda: model.version == version, f"version {version}")  # noqa: B023
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_in_place(registry: Registry) -> None:
    broken = registry.add()
    (registry.folder / f"version-{broken}" / "MLmodel").write_text("flavors: {}")
    with follow("models:/churn@champion", stores=registry.stores, every=0.02) as model:
        registry.point(broken)
        wait_for(lambda: model.error, "the error")
        assert f"version {broken} cannot be loaded" in str(model.error)
        assert model.version == 1
        registry.point(2)
        wait_for(lambda: model.version == 2, "version 2")
        assert model.error is None


def test_an_alias_that_nobody_holds_is_refused_at_once(registry: Registry) -> None:
    with pytest.raises(AliasNotFound):
        follow("models:/churn@nobody", stores=registry.stores)


def test_a_fixed_version_is_not_watched(registry: Registry) -> None:
    with follow("models:/churn/2", stores=registry.stores) as model:
        assert model.version == 2
        assert list(model.predict(FRAME[:1])) == [2.0]
