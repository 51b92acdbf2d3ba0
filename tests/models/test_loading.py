"""Log, register and load through real stores: every address form, digests, the private cache."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier

import mainstay
from mainstay.connect import Stores, connect
from mainstay.errors import AliasNotFound, BadInput, InvalidModel, NotFound, UntrustedModel
from mainstay.models import ModelInfo, cache, get_model_info, loading, trust
from mainstay.models.verifying import difference, verify
from mainstay.provenance.lineage import lineage
from tests.support.server import RunningServer


@pytest.fixture(scope="module", params=["database", "server"])
def address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A database on this machine, and a real server."""
    place = tmp_path_factory.mktemp("home")
    if request.param == "database":
        yield f"sqlite:///{place}/mainstay.db"
        return
    with RunningServer(place) as server:
        yield server.url


@pytest.fixture(scope="module")
def logged(
    address: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, ModelInfo]]:
    """A run with two models; the forest is version 1 of ``iris`` and its champion."""
    from sklearn.datasets import load_iris

    patch = pytest.MonkeyPatch()
    patch.setenv("MAINSTAY_SPOOL_DIR", str(tmp_path_factory.mktemp("spool")))
    mainstay.set_tracking_uri(address)
    data, target = load_iris(return_X_y=True, as_frame=True)
    with mainstay.start_run() as run:
        forest = mainstay.sklearn.log_model(
            RandomForestClassifier(3, random_state=0).fit(data, target),
            name="forest",
            input_example=data.head(2),
            registered_model_name="iris",
            profile_data=data,
        )
        mainstay.sklearn.log_model(
            KNeighborsClassifier().fit(data, target), name="neighbours", input_example=data.head(2)
        )
    mainstay.register_model(f"runs:/{run.run_id}/neighbours", "iris")
    client = mainstay.Client()
    client.set_registered_model_alias("iris", "champion", 1)
    client.transition_model_version_stage("iris", 1, "Production")
    yield run.run_id, forest
    mainstay.set_tracking_uri(None)
    patch.undo()


@pytest.fixture
def stores(address: str, logged: tuple[str, ModelInfo]) -> Iterator[Stores]:
    """The stores at the address."""
    with connect(address) as opened:
        yield opened


def test_log_model_tells_what_was_made(logged: tuple[str, ModelInfo], stores: Stores) -> None:
    run_id, info = logged
    assert info.registered_model_version == 1
    assert info.run_id == run_id
    assert info.signature is not None
    model = stores.tracking.get_logged_model(info.model_id or "")
    assert (model.status, model.name, model.source_run_id) == ("READY", "forest", run_id)
    outputs = stores.tracking.get_run(run_id).outputs.model_outputs
    assert model.model_id in [output.model_id for output in outputs]


def test_a_version_has_the_digest_of_its_files(stores: Stores) -> None:
    version = stores.registry.get_model_version("iris", 1)
    assert version.digest is not None
    assert loading.resolve("models:/iris/1", stores).digest == version.digest
    assert loading.download("models:/iris/1", stores).name == version.digest


@pytest.mark.parametrize(
    ("uri", "version"),
    [
        ("models:/iris/1", 1),
        ("models:/iris@champion", 1),
        ("models:/iris/Production", 1),
        ("models:/iris/production", 1),
        ("models:/iris/latest", 2),
        ("models:/iris/None", 2),
    ],
)
def test_every_address_of_a_version_loads_it(
    uri: str, version: int, stores: Stores, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    assert loading.resolve(uri, stores).version == version
    model = loading.load_model(uri, stores=stores)
    expected = "RandomForestClassifier" if version == 1 else "KNeighborsClassifier"
    assert type(model.unwrap()).__name__ == expected
    assert len(model.predict(iris[0])) == 150


def test_logged_models_load_by_id_and_through_their_run(
    logged: tuple[str, ModelInfo], stores: Stores
) -> None:
    run_id, info = logged
    by_id = loading.load_model(info.model_uri, stores=stores)
    by_run = loading.load_model(f"runs:/{run_id}/forest", stores=stores)
    assert by_id.path == by_run.path
    assert by_id.model_id == info.model_id
    assert by_id.profile is not None
    assert by_id.profile.rows == 150


def test_the_folder_of_a_run_loads_when_no_logged_model_has_that_name(
    logged: tuple[str, ModelInfo], stores: Stores, tmp_path: Path
) -> None:
    run_id, _ = logged
    mainstay.pyfunc.save_model(tmp_path / "m", python_model=lambda _: 7)
    mainstay.Client().log_artifacts(run_id, str(tmp_path / "m"), "old/style")
    model = loading.load_model(f"runs:/{run_id}/old/style", stores=stores)
    assert model.predict(None) == 7


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("models:/iris/99", NotFound),
        ("models:/iris@nobody", AliasNotFound),
        ("models:/nothing/1", NotFound),
        ("models:/iris/Staging", NotFound),
        ("models:/iris", BadInput),
        ("models:/m-" + "0" * 32, NotFound),
        ("runs:/" + "0" * 32 + "/model", NotFound),
        ("", BadInput),
        ("/no/such/folder", InvalidModel),
    ],
)
def test_an_address_that_names_nothing_says_so(
    uri: str, error: type[Exception], stores: Stores
) -> None:
    with pytest.raises(error):
        loading.load_model(uri, stores=stores)


def test_a_run_without_such_a_model_says_so(logged: tuple[str, ModelInfo], stores: Stores) -> None:
    with pytest.raises(NotFound, match="MLmodel"):
        loading.load_model(f"runs:/{logged[0]}/nope", stores=stores)


def test_the_server_is_trusted_with_code_unless_the_setting_says_otherwise(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trust._written_here.clear()
    loading.load_model("models:/iris/2", stores=stores)
    assert "iris version 2 runs code" in caplog.text
    monkeypatch.setenv("MAINSTAY_TRUST", "none")
    with pytest.raises(UntrustedModel, match="KDTree"):
        loading.load_model("models:/iris/2", stores=stores)
    loading.load_model("models:/iris/1", stores=stores)


def test_the_cache_is_private_and_a_second_load_fetches_nothing(
    stores: Stores, tmp_path: Path
) -> None:
    first = loading.download("models:/iris/1", stores)
    home = tmp_path / "cache" / "sha256"
    assert first.parent == home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(first.stat().st_mode) == 0o700
    before = (first / "MLmodel").stat().st_mtime_ns
    assert loading.download("models:/iris@champion", stores) == first
    assert (first / "MLmodel").stat().st_mtime_ns == before
    assert sorted(path.name for path in home.iterdir()) == [first.name, f"{first.name}.files"]


def test_a_cached_copy_that_was_changed_is_fetched_again(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    folder = loading.download("models:/iris/1", stores)
    whole = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text("other")
    assert loading.download("models:/iris/1", stores) == folder
    assert (folder / "requirements.txt").read_text() == whole
    assert "fetched again" in caplog.text
    (folder / "extra.py").write_text("")
    loading.download("models:/iris/1", stores)
    assert not (folder / "extra.py").exists()


def test_a_cached_copy_that_was_only_touched_is_hashed_and_kept(stores: Stores) -> None:
    folder = loading.download("models:/iris/1", stores)
    os.utime(folder / "MLmodel", ns=(1, 1))
    assert loading.download("models:/iris/1", stores) == folder
    assert (folder / "MLmodel").stat().st_mtime_ns == 1


def test_verify_hashes_loads_and_asks(stores: Stores) -> None:
    found = verify("models:/iris/1", stores=stores)
    assert (found.example, found.digest_recorded, found.passed) == ("equal", True, True)
    assert found.size > 1000
    assert found.load_seconds > 0


def test_verify_finds_a_damaged_copy(stores: Stores) -> None:
    folder = loading.download("models:/iris/1", stores)
    path = folder / "requirements.txt"
    told = path.stat()
    path.write_text("x" * told.st_size)
    cache._note(folder)  # as if the disk had done it, which changes no time: only hashing finds it
    with pytest.raises(InvalidModel, match=r"requirements\.txt"):
        verify("models:/iris/1", stores=stores)


def test_verify_finds_an_answer_that_is_not_the_recorded_one(
    tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    data, target = iris
    model = RandomForestClassifier(3, random_state=0).fit(data, target)
    mainstay.sklearn.save_model(model, tmp_path / "m", input_example=data.head(2))
    (tmp_path / "m" / "mainstay_expected.json").write_text('{"predictions": [0, 2]}')
    (tmp_path / "m" / "mainstay_manifest.json").unlink()
    found = verify(str(tmp_path / "m"))
    assert (found.example, found.passed) == ("differs", False)
    assert "predictions[1]" in found.message


def test_difference_names_the_first_place() -> None:
    assert difference({"a": [1, None]}, {"a": [1, None]}) is None
    assert difference([1.0], [1.0 + 1e-9]) is None
    assert difference([1, 2], [1]) == "predictions"
    assert difference([True], [1]) == "predictions[0]"
    assert difference([{"a": "x"}], [{"a": "y"}]) == "predictions[0].a"


def test_lineage_leads_from_the_version_to_run_model_and_aliases(
    logged: tuple[str, ModelInfo], stores: Stores
) -> None:
    found = lineage(stores, "iris", 1)
    assert found["run"]["run_id"] == logged[0]
    assert found["logged_model"].model_id == logged[1].model_id
    assert [change.alias for change in found["alias_history"]] == ["champion"]
    with pytest.raises(NotFound):
        lineage(stores, "iris", 99)


def test_what_is_known_of_a_model_is_told_without_loading_it(stores: Stores) -> None:
    info = get_model_info("models:/iris@champion", stores=stores)
    assert (info.name, info.registered_model_version) == ("iris", 1)
    assert info.flavors["sklearn"]["serialization_format"] == "skops"


def test_a_model_that_cannot_be_written_leaves_a_failed_logged_model(
    logged: tuple[str, ModelInfo], stores: Stores
) -> None:
    with mainstay.start_run() as run, pytest.raises(BadInput, match="no_such"):
        mainstay.sklearn.log_model(KNeighborsClassifier(), pyfunc_predict_fn="no_such")
    (output,) = stores.tracking.get_run(run.run_id).outputs.model_outputs
    assert stores.tracking.get_logged_model(output.model_id).status == "FAILED"
    with pytest.raises(NotFound, match="FAILED"):
        loading.load_model(f"models:/{output.model_id}", stores=stores)


def test_a_name_that_no_model_can_have_is_refused_before_anything_is_written(
    logged: tuple[str, ModelInfo], stores: Stores
) -> None:
    with mainstay.start_run() as run, pytest.raises(BadInput, match="may not be empty"):
        mainstay.sklearn.log_model(KNeighborsClassifier(), name="a/b")
    assert stores.tracking.get_run(run.run_id).outputs.model_outputs == []


def test_python_models_and_their_answers_travel(
    logged: tuple[str, ModelInfo], stores: Stores
) -> None:
    with mainstay.start_run():
        info = mainstay.pyfunc.log_model(
            name="doubled",
            python_model=lambda model_input: (model_input["a"] * 2).to_numpy(),
            input_example=pd.DataFrame({"a": [1.0]}),
            metadata={"why": "a test"},
        )
    model = mainstay.pyfunc.load_model(info.model_uri)
    assert np.asarray(model.predict(pd.DataFrame({"a": [4.0]}))).tolist() == [8.0]
    assert model.metadata.metadata == {"why": "a test"}
