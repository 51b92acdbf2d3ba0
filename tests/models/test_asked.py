"""What files ask for is remembered only where they cannot change unseen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sklearn.ensemble import RandomForestClassifier

import mainstay
from mainstay import sklearn as face
from mainstay.connect import Stores, connect
from mainstay.models import asked, loading
from mainstay.models.flavors.base import Predict, Saved
from mainstay.models.flavors.sklearn import FLAVOR
from mainstay.packaging import mlmodel
from mainstay.packaging.mlmodel import MLmodel


class Counting:
    """The scikit-learn flavor, counting how often it looks at the files."""

    name = "sklearn"

    def __init__(self) -> None:
        self.looks = 0

    def owns(self, model: object) -> bool:
        return FLAVOR.owns(model)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        return FLAVOR.save(model, folder, options)

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        self.looks += 1
        return FLAVOR.asks(folder, model)

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        return FLAVOR.load(folder, model, config)

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        return FLAVOR.predictor(loaded, model)


@pytest.fixture
def stores(tmp_path: Path, iris: tuple[Any, Any]) -> Iterator[Stores]:
    """A registry with one forest whose files lie behind the model cache."""
    address = f"sqlite:///{tmp_path}/home/mainstay.db"
    (tmp_path / "home").mkdir()
    mainstay.set_tracking_uri(address)
    data, target = iris
    with mainstay.start_run():
        face.log_model(
            RandomForestClassifier(3, random_state=0).fit(data, target),
            name="forest",
            registered_model_name="forest",
        )
    with connect(address) as found:
        yield found


@pytest.fixture
def cached(stores: Stores, tmp_path: Path) -> Path:
    """The forest's folder in the cache, whether or not its files could be read where they are."""
    folder = loading.download("models:/forest/1", stores)
    if folder.parent != tmp_path / "cache" / "sha256":
        from mainstay.artifact_store.local import LocalFolder
        from mainstay.models import cache

        folder = cache.fetch(LocalFolder(folder), digest=None, title="forest")
    return folder


def test_a_cached_model_is_looked_at_once(cached: Path) -> None:
    flavor, metadata = Counting(), mlmodel.read(cached)
    assert [asked.of(cached, metadata, flavor) for _ in range(3)] == [()] * 3
    assert flavor.looks == 1


def test_another_flavor_of_the_same_name_looks_for_itself(cached: Path) -> None:
    first, second, metadata = Counting(), Counting(), mlmodel.read(cached)
    for flavor in (first, second):
        asked.of(cached, metadata, flavor)
    assert (first.looks, second.looks) == (1, 1)


def test_a_folder_outside_the_cache_is_looked_at_each_time(cached: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(cached, tmp_path / cached.name)
    flavor, metadata = Counting(), mlmodel.read(copy)
    for _ in range(2):
        asked.of(copy, metadata, flavor)
    assert flavor.looks == 2


def test_a_cache_that_others_may_write_to_is_looked_at_each_time(cached: Path) -> None:
    os.chmod(cached.parent, 0o770)
    flavor, metadata = Counting(), mlmodel.read(cached)
    for _ in range(2):
        asked.of(cached, metadata, flavor)
    assert flavor.looks == 2


def test_a_cached_file_changed_under_its_old_time_and_size_is_fetched_again(
    cached: Path, stores: Stores
) -> None:
    path = cached / "model.skops"
    told, whole = path.stat(), path.read_bytes()
    path.write_bytes(b"x" * told.st_size)
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))
    from mainstay.artifact_store.local import LocalFolder
    from mainstay.models import cache

    source = loading.download("models:/forest/1", stores)
    again = cache.fetch(LocalFolder(source), digest=cached.name, title="forest")
    assert (again, path.read_bytes()) == (cached, whole)
