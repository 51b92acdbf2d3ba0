"""Copies between models and between servers keep files, tags, signatures and their origin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mainstay
from mainstay.client.copying import copy_version
from mainstay.connect import connect
from mainstay.connect.stores import Stores
from mainstay.errors import BadInput, InvalidModel, NotFound
from mainstay.models import loading, signatures
from mainstay.packaging import signing
from tests.support.server import RunningServer

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]})
PRIVATE, PUBLIC = signing.generate()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """A database with a signed version of ``churn``."""
    place = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    patch.setenv("MAINSTAY_SPOOL_DIR", str(place / "spool"))
    patch.setenv("MAINSTAY_CACHE_DIR", str(place / "cache"))
    address = f"sqlite:///{place}/m.db"
    mainstay.set_tracking_uri(address)
    with mainstay.start_run():
        mainstay.sklearn.log_model(
            LogisticRegression().fit(FRAME, [0, 0, 1, 1]),
            name="model",
            input_example=FRAME,
            registered_model_name="churn",
        )
    mainstay.set_tracking_uri(None)
    with connect(address) as stores:
        stores.registry.set_model_version_tag("churn", 1, "mainstay.card.contact", "ada")
        stores.registry.update_model_version("churn", 1, description="the first")
        stores.registry.set_alias("churn", "champion", 1)
        opened = loading.open_model("models:/churn/1", stores=stores)
        signatures.sign(opened.folder, opened.resolved, PRIVATE, stores=stores)
        yield stores
    patch.undo()


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """A server that knows nothing yet."""
    with RunningServer(tmp_path_factory.mktemp("away")) as server, connect(server.url) as stores:
        yield stores


def signer(stores: Stores, uri: str) -> str:
    opened = loading.open_model(uri, stores=stores, trust="signed")
    keys = [signing.public_key(PUBLIC)]
    return signatures.signer(opened.folder, opened.signatures, opened.resolved.digest, keys)


@pytest.mark.parametrize("source", ["models:/churn/1", "models:/churn@champion"])
def test_a_copy_to_another_server_is_the_same_model(
    home: Stores, away: Stores, source: str
) -> None:
    original = home.registry.get_model_version("churn", 1)
    made = copy_version(home, away, source, "churn-prod")
    assert (made.digest, made.description) == (original.digest, "the first")
    assert made.tags["mainstay.card.contact"] == "ada"
    assert made.tags["mainstay.copied.uri"] == "models:/churn/1"
    assert made.tags["mainstay.copied.server"] == home.registry_uri
    assert made.tags["mainstay.copied.run_id"] == original.run_id
    assert made.aliases == ()
    model = loading.load_model(made.uri, stores=away)
    assert list(model.predict(FRAME)) == [0, 0, 1, 1]
    assert signer(away, made.uri) == signing.public_key(PUBLIC).fingerprint


def test_a_copy_to_another_model_points_at_the_same_files(home: Stores) -> None:
    made = copy_version(home, home, "models:/churn/1", "churn-copy")
    assert made.digest == home.registry.get_model_version("churn", 1).digest
    assert made.tags["mainstay.copied.uri"] == "models:/churn/1"
    assert signer(home, made.uri) == signing.public_key(PUBLIC).fingerprint


@pytest.mark.parametrize(
    ("source", "error"),
    [("models:/churn/9", NotFound), ("runs:/x/model", BadInput), ("models:/none/1", NotFound)],
)
def test_what_is_no_version_is_not_copied(
    home: Stores, away: Stores, source: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        copy_version(home, away, source, "nothing")
    with pytest.raises(NotFound):
        away.registry.get_registered_model("nothing")


def test_files_that_are_not_the_recorded_ones_are_not_copied(
    home: Stores, away: Stores, tmp_path: Path
) -> None:
    home.registry.create_registered_model("damaged")
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    home.registry.create_model_version("damaged", folder.as_uri(), digest="ab" * 32)
    with pytest.raises(InvalidModel, match="not the recorded"):
        copy_version(home, away, "models:/damaged/1", "damaged")
    with pytest.raises(NotFound):
        away.registry.get_registered_model("damaged")
