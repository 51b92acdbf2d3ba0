"""Lightning under autolog, beside MLflow's, and loops that somebody wrote."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mainstay
from mainstay.spool.reports import SpoolWarning
from tests.flavors.autolog.comparison import Comparison
from tests.flavors.autolog.contract import AutologContract, only_run, runs
from tests.support.parts import library

torch = library("torch")
lightning = library("pytorch_lightning")

from tests.flavors.autolog.fits.lightning_fit import Line, loader, trainer  # noqa: E402

pytestmark = [
    pytest.mark.usefixtures("face"),
    pytest.mark.filterwarnings("ignore::UserWarning:pytorch_lightning"),
]


class TestComparison(Comparison):
    fits = ("lightning_fit", "lightning_stops")
    tolerance = 1e-4
    # MLflow's points of steps hold the value of the step before.
    loose = {"loss_step"}


class TestContract(AutologContract):
    library = "pytorch"
    quick = {"log_models": False, "checkpoint": False}
    broken_part = "the summary"

    def fit(self) -> Any:
        model = Line()
        trainer(1, enable_checkpointing=False).fit(model, loader())
        return model

    def fit_badly(self) -> None:
        trainer(1, enable_checkpointing=False).fit(Line(), [torch.ones(3)])

    def hooked(self) -> Any:
        return lightning.Trainer.fit

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr("pytorch_lightning.utilities.model_summary.summarize")


def history(key: str) -> dict[int, float]:
    """Return the values of a metric of the only run by their steps."""
    points = mainstay.Client().get_metric_history(only_run().info.run_id, key)
    found = {point.step: point.value for point in points}
    assert len(found) == len(points), "one value a step"
    return found


def test_the_model_has_the_signature_of_its_first_batch_and_predicts_the_same() -> None:
    mainstay.pytorch.autolog(registered_model_name="line")
    model = Line()
    trainer(1, enable_checkpointing=False).fit(model, loader())
    loaded = mainstay.pyfunc.load_model(f"runs:/{only_run().info.run_id}/model", trust=True)
    assert loaded.signature is not None
    assert loaded.signature.inputs.to_dict()[0]["tensor-spec"]["shape"] == [-1, 4]
    assert loaded.metadata.saved_input_example_info is not None
    rows = np.ones((2, 4), dtype=np.float32)
    with torch.no_grad():
        expected = model.eval()(torch.from_numpy(rows)).numpy()
    np.testing.assert_allclose(loaded.predict(rows), expected, rtol=1e-6)
    assert mainstay.search_model_versions(filter_string="name = 'line'")[0].version == 1


def test_the_best_checkpoint_can_be_trained_on(tmp_path: Path) -> None:
    mainstay.pytorch.autolog(log_models=False)
    trainer(2, enable_checkpointing=False).fit(Line(), loader(), loader())
    place = mainstay.artifacts.download_artifacts(
        run_id=only_run().info.run_id, artifact_path="checkpoints", dst_path=str(tmp_path)
    )
    told = json.loads((Path(place) / "latest_checkpoint_metrics.json").read_text())
    assert told["val_loss"] == min(history("val_loss").values())
    again = trainer(3, enable_checkpointing=False)
    mainstay.autolog(disable=True)
    again.fit(Line(), loader(), loader(), ckpt_path=str(Path(place) / "latest_checkpoint.pth"))
    assert again.current_epoch == 3


def test_a_point_of_a_step_holds_that_steps_value() -> None:
    class Kept(Line):
        def training_step(self, batch: Any, index: int) -> Any:
            loss = super().training_step(batch, index)
            losses.append(float(loss))
            return loss

    losses: list[float] = []
    mainstay.pytorch.autolog(log_every_n_step=1, log_models=False, checkpoint=False)
    trainer(2, enable_checkpointing=False).fit(Kept(), loader())
    assert history("loss_step") == pytest.approx(dict(enumerate(losses)))


def test_epochs_can_be_left_out() -> None:
    mainstay.pytorch.autolog(log_every_n_epoch=2, log_models=False, checkpoint=False)
    trainer(4, enable_checkpointing=False).fit(Line(), loader())
    assert list(history("loss_epoch")) == [0, 2]


def test_hyperparameters_that_a_module_saves_are_parameters() -> None:
    class Named(Line):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.save_hyperparameters()

    mainstay.pytorch.autolog(log_models=False)
    trainer(1, enable_checkpointing=False).fit(Named(width=7), loader())
    assert only_run().data.params["hparams.width"] == "7"


def test_a_loop_that_somebody_wrote_is_recorded_by_three_lines() -> None:
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    with mainstay.pytorch.training(model, optimizer, epochs=2) as record:
        for _ in range(2):
            for features, targets in loader():
                loss = torch.nn.functional.mse_loss(model(features), targets)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                record.step(loss=loss)
            record.epoch(last_loss=loss)
    run = only_run()
    assert run.info.status == "FINISHED"
    assert (run.data.params["epochs"], run.data.params["optimizer_name"]) == ("2", "SGD")
    assert list(history("loss")) == list(range(8))
    assert list(history("last_loss")) == [0, 1]
    assert history("last_loss")[1] == history("loss")[7]
    loaded = mainstay.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    rows = np.ones((2, 4), dtype=np.float32)
    with torch.no_grad():
        expected = model(torch.from_numpy(rows)).numpy()
    np.testing.assert_allclose(loaded.predict(rows), expected, rtol=1e-6)


def test_a_loop_that_raises_fails_its_run_and_one_that_logs_nonsense_goes_on() -> None:
    model = torch.nn.Linear(4, 1)
    with pytest.raises(ZeroDivisionError), mainstay.pytorch.training(model):
        _ = 1 / 0
    assert only_run().info.status == "FAILED"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with mainstay.pytorch.training(model, log_models=False) as record:
            for loss in (torch.ones(3), object(), 0.5):
                record.step(loss=loss)
    said = [str(one.message) for one in caught if issubclass(one.category, SpoolWarning)]
    assert len(said) == 1
    assert "could not record the metrics" in said[0]
    assert runs()[-1].data.metrics == {"loss": 0.5}
    assert runs()[-1].info.status == "FINISHED"


def test_a_module_that_takes_more_than_a_tensor_is_logged_without_signature() -> None:
    class Pair(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 1)

        def forward(self, one: Any, two: Any) -> Any:
            return self.layer(one + two)

    with warnings.catch_warnings():
        warnings.simplefilter("error", SpoolWarning)
        with mainstay.pytorch.training(model := Pair()):
            model(torch.ones(3, 2), torch.ones(3, 2))
    loaded = mainstay.pyfunc.load_model(f"runs:/{only_run().info.run_id}/model", trust=True)
    assert loaded.signature is None
