"""Functions are put behind ours and back; what cannot be loaded steps aside."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from mainstay.autolog import nesting, recording
from mainstay.autolog.integration import LibraryIntegration
from mainstay.autolog.options import Options
from mainstay.autolog.patching import Patches
from mainstay.autolog.xgboost.options import XgboostOptions
from mainstay.spool.reports import SpoolWarning


class Owner:
    def train(self, value: int) -> int:
        return value + 1


class Derived(Owner):
    pass


def test_a_replaced_function_gets_the_original_and_is_put_back() -> None:
    before, patches = Owner.train, Patches()
    for _ in range(2):
        patches.wrap(Owner, "train", lambda original, *given: original(*given) * 10)
    patches.wrap(Derived, "train", lambda original, *given: original(*given) * 100)
    assert Owner().train(1) == Derived().train(1) == 20
    assert Owner.train.__name__ == "train"
    patches.undo()
    assert Owner.train is before


def test_what_somebody_else_replaced_since_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    patches = Patches()
    monkeypatch.setattr(Owner, "train", Owner.train)
    patches.wrap(Owner, "train", lambda original, *given: original(*given))
    monkeypatch.setattr(Owner, "train", lambda *given: given[1] - 2)
    patches.undo()
    assert Owner().train(1) == -1


def test_a_fit_within_a_fit_is_part_of_it_and_another_threads_is_not() -> None:
    seen = []
    with nesting.outermost():
        assert nesting.inside()
        thread = threading.Thread(target=lambda: seen.append(nesting.inside()))
        thread.start()
        thread.join()
    assert seen == [False]
    assert not nesting.inside()


@pytest.fixture
def library() -> Iterator[Any]:
    """A library whose recorder cannot be loaded, as when it is of another version."""
    module: Any = ModuleType("newer_library")
    module.train = lambda: "trained"
    sys.modules["newer_library"] = module
    yield module
    del sys.modules["newer_library"]


class Newer(LibraryIntegration):
    name = "newer_library"
    modules = ("newer_library",)
    recorder = "mainstay.autolog.no_such_recorder"

    def hook(self) -> None:
        self.patches.wrap(sys.modules["newer_library"], "train", self.recorded_by("train"))


def test_a_recorder_that_cannot_be_loaded_warns_once_and_training_goes_on(library: Any) -> None:
    integration = Newer()
    integration.install(Options())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [library.train(), library.train()] == ["trained", "trained"]
    said = [str(one.message) for one in caught if issubclass(one.category, SpoolWarning)]
    assert len(said) == 1
    assert "autolog for newer_library could not record anything" in said[0]
    integration.remove()
    assert not hasattr(library.train, "__mainstay_original__")


def test_common_options_become_a_librarys_own_with_its_defaults() -> None:
    common = Options(log_models=False, extra_tags={"a": "b"})
    own = XgboostOptions.of(common)
    assert (own.log_models, own.extra_tags, own.model_format) == (False, {"a": "b"}, "ubj")
    given = XgboostOptions(model_format="json")
    assert XgboostOptions.of(given) is given


@pytest.mark.parametrize(
    ("key", "name"),
    [("valid-ndcg@5", "valid-ndcg_at_5"), ("NDCG:top=5;type=Base", "NDCG:top_5_type_Base")],
)
def test_names_hold_nothing_that_the_protocol_refuses(key: str, name: str) -> None:
    assert recording.name(key) == name
