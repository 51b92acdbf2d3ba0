"""Keras under autolog, beside MLflow's, and the ways of the real library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mainstay
from tests.flavors.autolog.comparison import Comparison
from tests.flavors.autolog.contract import AutologContract, only_run
from tests.support.parts import library

keras = library("keras")

from tests.flavors.autolog.fits.keras_fit import data, network  # noqa: E402

pytestmark = pytest.mark.usefixtures("face")

X, y = data()


class TestComparison(Comparison):
    fits = ("keras_fit",)
    # Weights begin at random; the numbers are compared with Keras's own history below.
    loose = {"loss", "mae", "val_loss", "val_mae"}
    ours = {
        "params": {"monitor", "min_delta", "patience", "baseline", "restore_best_weights"},
    }
    # MLflow writes the numbers of val_loss and val_mae a second time, each at step 0.
    theirs = {"metrics": {"validation_loss", "validation_mae"}}


class TestContract(AutologContract):
    library = "keras"
    broken_part = "the summary"

    def fit(self) -> Any:
        return network().fit(X, y, epochs=1, verbose=0)

    def fit_badly(self) -> None:
        network().fit(X[:, :2], y, verbose=0)

    def hooked(self) -> Any:
        return keras.Model.fit

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(keras.Model, "summary")


def history(key: str) -> dict[int, float]:
    """Return the values of a metric of the only run by their steps."""
    points = mainstay.Client().get_metric_history(only_run().info.run_id, key)
    found = {point.step: point.value for point in points}
    assert len(found) == len(points), "one value a step"
    return found


def test_points_are_those_of_kerass_own_history() -> None:
    mainstay.keras.autolog(log_models=False)
    told = network().fit(X, y, epochs=3, validation_data=(X, y), verbose=0).history
    for key in ("loss", "mae", "val_loss", "val_mae"):
        assert history(key) == pytest.approx(dict(enumerate(told[key])))
    purposes = [one.tags["mlflow.data.context"] for one in only_run().inputs.dataset_inputs]
    assert sorted(purposes) == ["eval", "train"]


def test_an_early_stop_says_when_and_which_epoch_was_best() -> None:
    mainstay.keras.autolog(log_models=False)
    stop = keras.callbacks.EarlyStopping(
        "loss", patience=1, min_delta=1e9, restore_best_weights=True
    )
    network().fit(X, y, epochs=9, callbacks=[stop], verbose=0)
    run = only_run()
    assert (run.data.metrics["stopped_epoch"], run.data.metrics["restored_epoch"]) == (1, 0)
    assert run.data.params["patience"] == "1"


@pytest.mark.parametrize("flavor", ["keras", "tensorflow"])
def test_the_model_has_signature_and_example_and_predicts_the_same(flavor: str) -> None:
    getattr(mainstay, flavor).autolog(registered_model_name="line")
    model = network()
    model.fit(X, y, verbose=0)
    run = only_run()
    assert run.data.tags["mlflow.autologging"] == flavor
    loaded = mainstay.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert loaded.signature is not None
    assert loaded.metadata.saved_input_example_info is not None
    assert flavor in loaded.metadata.flavors
    np.testing.assert_allclose(loaded.predict(X), model.predict(X, verbose=0), rtol=1e-6)
    assert mainstay.search_model_versions(filter_string="name = 'line'")[0].version == 1


def test_points_of_batches_instead_of_epochs() -> None:
    mainstay.keras.autolog(log_every_n_steps=2, log_models=False)
    network().fit(X, y, epochs=2, batch_size=16, verbose=0)
    assert list(history("loss")) == [2, 4, 6, 8]


def test_the_best_checkpoint_is_kept(tmp_path: Path) -> None:
    mainstay.tensorflow.autolog(log_models=False, checkpoint_monitor="loss")
    model = network()
    model.fit(X, y, epochs=2, verbose=0)
    place = mainstay.artifacts.download_artifacts(
        run_id=only_run().info.run_id, artifact_path="checkpoints", dst_path=str(tmp_path)
    )
    kept = keras.models.load_model(Path(place) / "latest_checkpoint.keras")
    np.testing.assert_allclose(kept.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6)


def test_a_stream_of_batches_is_trained_on_and_its_points_recorded() -> None:
    mainstay.keras.autolog()

    def batches() -> Any:
        while True:
            yield X[:16], y[:16]

    network().fit(batches(), epochs=2, steps_per_epoch=2, verbose=0)
    run = only_run()
    assert run.info.status == "FINISHED"
    assert list(history("loss")) == [0, 1]
    assert run.inputs.dataset_inputs == []
    assert len(run.outputs.model_outputs) == 1
