"""With ``MAINSTAY_TRUST=signed`` only what a trusted key signed runs code when it loads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

import mainstay
from mainstay import sklearn as flavor
from mainstay.connect import connect
from mainstay.connect.stores import Stores
from mainstay.errors import BadInput, InvalidModel, InvalidSignature, UntrustedModel
from mainstay.models import loading, signatures
from mainstay.packaging import signing

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]})
PRIVATE, PUBLIC = signing.generate()


def estimator() -> KNeighborsClassifier:
    return KNeighborsClassifier(1).fit(FRAME, [0, 0, 1, 1])


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only signatures by one key count."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "release.pub").write_bytes(PUBLIC)
    monkeypatch.setenv("MAINSTAY_TRUST", "signed")
    monkeypatch.setenv("MAINSTAY_TRUSTED_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model whose load runs code."""
    place = tmp_path / "model"
    # Pickled by another process as far as the door is concerned: nothing vouches for it here.
    flavor.save_model(estimator(), place, serialization_format="pickle")
    (place / "note.txt").write_text("changed since")
    (place / "mainstay_manifest.json").unlink()
    return place


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """A registry with two equal versions of ``churn``."""
    monkeypatch.setenv("MAINSTAY_SPOOL_DIR", str(tmp_path / "spool"))
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(tmp_path / "cache"))
    mainstay.set_tracking_uri(f"sqlite:///{tmp_path}/m.db")
    with mainstay.start_run():
        for _ in range(2):
            flavor.log_model(
                estimator(),
                name="model",
                serialization_format="pickle",
                registered_model_name="churn",
            )
    mainstay.set_tracking_uri(None)
    with connect(f"sqlite:///{tmp_path}/m.db") as opened:
        yield opened


def sign(uri: str, stores: Stores | None = None, key: bytes = PRIVATE) -> signatures.Signed:
    opened = loading.open_model(uri, stores=stores)
    return signatures.sign(opened.folder, opened.resolved, key, stores=stores)


@pytest.mark.usefixtures("trusted")
def test_a_folder_loads_once_it_is_signed_and_not_when_it_changes(folder: Path) -> None:
    with pytest.raises(UntrustedModel, match=r"it is not signed.*It asks for"):
        loading.load_model(str(folder))
    assert sign(str(folder)).where == str(folder / "model.sig")
    assert list(loading.load_model(str(folder)).predict(FRAME)) == [0, 0, 1, 1]
    (folder / "note.txt").write_text("again")
    with pytest.raises(UntrustedModel, match=r"not those that were signed: note\.txt"):
        loading.load_model(str(folder))


@pytest.mark.usefixtures("trusted")
def test_a_signature_by_a_stranger_counts_for_nothing(folder: Path) -> None:
    sign(str(folder), key=signing.generate()[0])
    with pytest.raises(UntrustedModel, match="none of the keys"):
        loading.load_model(str(folder))
    with pytest.raises(UntrustedModel, match="trust=False"):
        loading.load_model(str(folder), trust=False)
    assert loading.load_model(str(folder), trust=True) is not None


def test_a_signature_of_a_version_is_kept_by_the_registry_and_loads_it(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = sign("models:/churn/1", stores)
    assert (done.where, done.digest) == (
        "the registry",
        stores.registry.get_model_version("churn", 1).digest,
    )
    monkeypatch.setattr("mainstay.models.trust._written_here", set())
    monkeypatch.setenv("MAINSTAY_TRUST", "signed")
    with pytest.raises(UntrustedModel, match="MAINSTAY_TRUSTED_KEYS"):
        loading.load_model("models:/churn/1", stores=stores)
    (tmp_path / "release.pub").write_bytes(PUBLIC)
    monkeypatch.setenv("MAINSTAY_TRUSTED_KEYS", str(tmp_path / "release.pub"))
    assert list(loading.load_model("models:/churn/1", stores=stores).predict(FRAME)) == [0, 0, 1, 1]
    with pytest.raises(UntrustedModel, match="not signed"):
        loading.load_model("models:/churn/2", stores=stores)
    monkeypatch.setenv("MAINSTAY_TRUST", "none")
    with pytest.raises(UntrustedModel):
        loading.load_model("models:/churn/1", stores=stores)
    assert loading.load_model("models:/churn/1", stores=stores, trust="signed") is not None


def test_damaged_files_are_not_signed(stores: Stores) -> None:
    opened = loading.open_model("models:/churn/1", stores=stores)
    (opened.folder / "MLmodel").chmod(0o600)
    with (opened.folder / "MLmodel").open("a") as stream:
        stream.write("# more\n")
    with pytest.raises(InvalidModel):
        signatures.sign(opened.folder, opened.resolved, PRIVATE, stores=stores)
    assert stores.release.list_evidence("churn", 1) == []


def test_keys_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no key")
    for place in (tmp_path, tmp_path / "nowhere.pem"):
        with pytest.raises(BadInput, match="pem"):
            signatures.read_keys(place)
    with pytest.raises(InvalidSignature, match="no key is trusted"):
        signatures.signer(tmp_path, [], None, [])
