"""Who recorded a model decides whether its code may run: real servers, two users, an import."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from mainstay import Client
from mainstay import sklearn as flavor
from mainstay.cli.main import main
from mainstay.connect import connect
from mainstay.entities.accounts import Principal, Role
from mainstay.entities.registry import ModelVersion, RegisteredModel
from mainstay.errors import MainstayError, PermissionDenied, UntrustedModel
from mainstay.models import loading, trust
from mainstay.server.auth import passwords
from mainstay.stores.sql import bulk_registry
from mainstay.stores.sql.accounts import SqlAccounts
from mainstay.stores.sql.database import Database
from tests.support.server import RunningServer

USERS: dict[str, Role] = {"ada": "contributor", "eve": "contributor", "mia": "maintainer"}

Become = Callable[[str | None], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server whose database has three users, each with a token."""
    folder = tmp_path_factory.mktemp("closed")
    database = Database(f"sqlite:///{folder}/mainstay.db")
    accounts = SqlAccounts(database)
    soon = int(time.time() * 1000) + 3_600_000
    for name, role in USERS.items():
        accounts.create_user(name, password_hash="no password", role=role)
        accounts.create_token(
            name, token_id=name, secret_hash=passwords.hash_token(f"mst_{name}"), expires_at=soon
        )
    database.close()
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[RunningServer]:
    """That server; it lets nobody in without credentials."""
    with RunningServer(folder, "--no-anonymous") as running:
        yield running


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Become:
    """Use somebody's token from here on, or none."""

    def become(name: str | None) -> None:
        monkeypatch.delenv("MAINSTAY_TRACKING_TOKEN", raising=False)
        if name is not None:
            monkeypatch.setenv("MAINSTAY_TRACKING_TOKEN", f"mst_{name}")

    return become


def register(url: str, name: str, place: Path, iris: tuple[pd.DataFrame, pd.Series]) -> str:
    """Log and register a model that needs code to load; return the run's id."""
    flavor.save_model(KNeighborsClassifier().fit(*iris), place)
    with connect(url) as stores:
        client = Client(stores=stores)
        run = client.create_run("0").info
        for file in sorted(place.iterdir()):
            client.log_artifact(run.run_id, str(file), "model")
        client.create_registered_model(name)
        client.create_model_version(name, f"runs:/{run.run_id}/model", run_id=run.run_id)
    trust._written_here.clear()  # as another process would find it
    return run.run_id


def refused(uri: str, url: str) -> str:
    """Return why a model was not loaded."""
    with pytest.raises(UntrustedModel) as found:
        loading.load_model(uri, tracking_uri=url)
    return found.value.message


def loads(uri: str, url: str, iris: tuple[pd.DataFrame, pd.Series]) -> None:
    """See that a model loads and answers."""
    assert len(loading.load_model(uri, tracking_uri=url).predict(iris[0])) == 150


def test_a_disabled_users_model_runs_no_code_and_another_users_does(
    server: RunningServer,
    folder: Path,
    become: Become,
    tmp_path: Path,
    iris: tuple[pd.DataFrame, pd.Series],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("ada", "eve"):
        become(name)
        run_id = register(server.url, f"of-{name}", tmp_path / name, iris)
    become("ada")
    with caplog.at_level(logging.WARNING):
        loads("models:/of-eve/1", server.url, iris)
    assert [one.message for one in caplog.records if "runs code" in one.message] == [
        "of-eve version 1 runs code when it loads; allowed, since eve recorded it on the tracking "
        f"server {server.url}"
    ]
    loads(f"runs:/{run_id}/model", server.url, iris)
    # Whoever handles the server's database keeps eve out.
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", f"sqlite:///{folder}/mainstay.db")
    assert main(["users", "disable", "eve"]) == 0
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", server.url)
    for uri in ("models:/of-eve/1", f"runs:/{run_id}/model"):
        why = refused(uri, server.url)
        assert "recorded by 'eve', whose account is disabled" in why
        assert "mainstay models vouch" in why
        assert "KDTree" in why or "sklearn" in why  # what it asks for
    loads("models:/of-ada/1", server.url, iris)
    become("eve")
    with pytest.raises(MainstayError, match="not valid"):
        loading.load_model("models:/of-ada/1", tracking_uri=server.url)
    become("ada")
    # A contributor may not stand for it; a maintainer may.
    with connect(server.url) as stores, pytest.raises(PermissionDenied):
        stores.registry.vouch_model_version("of-eve", 1)
    become("mia")
    assert main(["models", "vouch", "of-eve", "1"]) == 0
    become("ada")
    loads("models:/of-eve/1", server.url, iris)
    with connect(server.url) as stores:
        assert stores.registry.get_version_recorder("of-eve", 1).principal == "mia"
        events = stores.release.list_events(after=0, limit=1000)
        (told,) = [one for one in events if one.kind == "model_version.vouched"]
    assert told.data["recorded_by"] == "eve"


def test_an_anonymous_callers_model_runs_code_only_where_such_callers_may_record(
    folder: Path,
    server: RunningServer,
    become: Become,
    tmp_path: Path,
    iris: tuple[pd.DataFrame, pd.Series],
) -> None:
    with RunningServer(folder) as open_server:  # everybody on this machine, the default
        register(open_server.url, "of-somebody", tmp_path / "model", iris)
        loads("models:/of-somebody/1", open_server.url, iris)
    become("ada")
    why = refused("models:/of-somebody/1", server.url)
    assert "anonymous caller" in why


def test_nobody_stands_for_what_was_imported_until_somebody_does(
    folder: Path,
    server: RunningServer,
    become: Become,
    tmp_path: Path,
    iris: tuple[pd.DataFrame, pd.Series],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    become("ada")
    run_id = register(server.url, "mine", tmp_path / "model", iris)
    with connect(server.url) as stores:
        location = stores.registry.get_model_version("mine", 1).storage_location
    database = Database(f"sqlite:///{folder}/mainstay.db")
    imported = ModelVersion(
        name="old", version=4, source="s3://old/4", storage_location=location, run_id=run_id
    )
    try:
        database.write(
            lambda connection: bulk_registry.registered_model(
                connection,
                RegisteredModel(name="old"),
                [imported],
                last_version=4,
                origin="mlflow.db",
                by=Principal(name="root", authenticated=True, claimed="on here"),
            )
        )
    finally:
        database.close()
    assert "it was imported" in refused("models:/old/4", server.url)
    become("mia")
    monkeypatch.setenv("MAINSTAY_TRACKING_URI", server.url)
    assert main(["models", "vouch", "old"]) == 0
    assert "mia" in capsys.readouterr().out
    assert main(["models", "vouch", "old"]) == 0
    assert "no imported version" in capsys.readouterr().out
    become("ada")
    loads("models:/old/4", server.url, iris)


def test_whoever_works_on_the_database_itself_is_known(
    tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    url = f"sqlite:///{tmp_path}/own.db"
    run_id = register(url, "mine", tmp_path / "model", iris)
    loads("models:/mine/1", url, iris)
    loads(f"runs:/{run_id}/model", url, iris)
    with connect(url) as stores:
        assert stores.registry.get_version_recorder("mine", 1).standing == "database"
