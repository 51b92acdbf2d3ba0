"""What an address means is looked up in the registry, and the watcher tells of changes once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.errors import AliasNotFound, NotFound
from mainstay.serving.target import Target, deployment_name, moves, resolve
from mainstay.serving.watcher import Watcher
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registry import SqlRegistry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[SqlRegistry]:
    database = Database(f"sqlite:///{tmp_path}/mainstay.db")
    registry = SqlRegistry(database)
    registry.create_registered_model("churn")
    for number in (1, 2, 3):
        registry.create_model_version("churn", f"/models/{number}")
    registry.set_alias("churn", "champion", 1)
    registry.transition_stage("churn", 2, "Production")
    yield registry
    database.close()


@pytest.mark.parametrize(
    ("uri", "version"),
    [
        ("models:/churn@champion", 1),
        ("models:/churn/Production", 2),
        ("models:/churn/latest", 3),
        ("models:/churn/2", 2),
    ],
)
def test_an_address_means_one_version(registry: SqlRegistry, uri: str, version: int) -> None:
    expected = Target(name="churn", version=version, uri=f"models:/churn/{version}")
    assert resolve(uri, registry) == expected


def test_a_path_is_a_model_without_a_version(registry: SqlRegistry) -> None:
    assert resolve("/some/folder", registry) == Target(
        name="folder", version=None, uri="/some/folder"
    )


def test_an_address_that_means_nothing_is_refused_by_name(registry: SqlRegistry) -> None:
    with pytest.raises(AliasNotFound, match="nobody"):
        resolve("models:/churn@nobody", registry)
    with pytest.raises(NotFound):
        resolve("models:/churn/9", registry)
    with pytest.raises(NotFound, match="Staging"):
        resolve("models:/churn/Staging", registry)


def test_only_aliases_stages_and_latest_can_move() -> None:
    assert [moves(f"models:/churn{end}") for end in ("@champion", "/Staging", "/latest")] == [
        True
    ] * 3
    assert not moves("models:/churn/3")
    assert not moves("runs:/0af1/model")


def test_deployments_are_named_after_the_address() -> None:
    assert deployment_name("models:/churn@champion") == "churn@champion"
    assert deployment_name("models:/churn/3") == "churn/3"
    assert deployment_name("models:/churn/latest") == "churn/latest"
    assert deployment_name("/some/folder") == ""


def test_the_watcher_tells_each_change_once_and_survives_an_outage(registry: SqlRegistry) -> None:
    told: list[Target | str] = []
    watcher = Watcher(
        "models:/churn@champion",
        registry,
        last=resolve("models:/churn@champion", registry),
        changed=told.append,
        lost=told.append,
    )
    watcher.look()
    assert told == []
    registry.set_alias("churn", "champion", 3)
    watcher.look()
    watcher.look()
    assert told == [Target(name="churn", version=3, uri="models:/churn/3")]
    registry.delete_alias("churn", "champion")
    watcher.look()
    watcher.look()
    assert len(told) == 2
    assert isinstance(told[1], str)
    registry.set_alias("churn", "champion", 3)
    watcher.look()
    assert len(told) == 3
    registry.database.close()
    watcher.look()
    assert len(told) == 3
