"""Hugging Face trainers under autolog, beside MLflow's, and the ways of the real library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mainstay
from tests.flavors.autolog.comparison import Comparison
from tests.flavors.autolog.contract import AutologContract, only_run
from tests.support.parts import library

transformers = library("transformers")

from tests.flavors.autolog.fits.trainer_fit import network, rows, trainer  # noqa: E402

pytestmark = pytest.mark.usefixtures("face")

TIMES = {
    f"{part}_{unit}"
    for part in ("eval", "train")
    for unit in ("runtime", "samples_per_second", "steps_per_second")
}


class TestComparison(Comparison):
    fits = ("trainer_fit",)
    # Weights begin at random; the numbers are compared with the trainer's own history below.
    loose = TIMES | {"output_dir", "loss", "grad_norm", "eval_loss", "train_loss"}
    ours = {"tags": {"mlflow.autologging", "estimator_name", "estimator_class"}}


class TestContract(AutologContract):
    library = "transformers"
    quick: dict[str, Any] = {}
    broken_part = "the parameters"

    def fit(self) -> Any:
        return trainer("out", max_steps=1, eval_strategy="no", logging_steps=1).train()

    def fit_badly(self) -> None:
        one = trainer("out", max_steps=1, eval_strategy="no")
        one.train_dataset = [{"input_ids": "no numbers"}]
        one.train()

    def hooked(self) -> Any:
        return transformers.Trainer.train

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(transformers.TrainingArguments, "to_dict")


def history(key: str) -> dict[int, float]:
    """Return the values of a metric of the only run by their steps."""
    points = mainstay.Client().get_metric_history(only_run().info.run_id, key)
    return {point.step: point.value for point in points}


def test_points_are_those_of_the_trainers_own_history(tmp_path: Path) -> None:
    mainstay.autolog()
    one = trainer(str(tmp_path))
    one.train()
    for key in ("loss", "eval_loss", "learning_rate", "train_loss"):
        told = {entry["step"]: entry[key] for entry in one.state.log_history if key in entry}
        assert told
        assert history(key) == pytest.approx(told)


def test_an_evaluation_after_the_training_goes_into_its_run(tmp_path: Path) -> None:
    mainstay.transformers.autolog()
    one = trainer(str(tmp_path), max_steps=2, eval_strategy="no")
    one.train()
    told = one.evaluate(metric_key_prefix="test")
    assert history("test_loss") == {2: pytest.approx(told["test_loss"])}


def test_the_best_step_is_recorded_where_the_trainer_looks_for_it(tmp_path: Path) -> None:
    mainstay.transformers.autolog()
    one = trainer(
        str(tmp_path),
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
    )
    one.train()
    found = only_run().data.metrics
    assert found["best_metric"] == pytest.approx(min(history("eval_loss").values()))
    assert history("eval_loss")[int(found["best_global_step"])] == found["best_metric"]


def test_data_sets_of_the_hubs_library_are_inputs(tmp_path: Path) -> None:
    datasets = library("datasets")
    mainstay.transformers.autolog()
    held = datasets.Dataset.from_list(
        [{key: value.tolist() for key, value in row.items()} for row in rows(4)]
    )
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path), max_steps=1, use_cpu=True, disable_tqdm=True, save_strategy="no"
    )
    transformers.Trainer(model=network(), args=arguments, train_dataset=held).train()
    (read,) = only_run().inputs.dataset_inputs
    assert (read.dataset.name, read.tags["mlflow.data.context"]) == ("train", "train")
    assert read.dataset.source_type == "hugging_face"


def test_the_model_is_logged_as_a_pipeline_where_that_is_asked_for(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {word: index for index, word in enumerate(["[UNK]", "[PAD]", *"abcdefgh"])}
    plain = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=plain, unk_token="[UNK]", pad_token="[PAD]"
    )
    mainstay.transformers.autolog(log_models=True)
    one = trainer(str(tmp_path), max_steps=1, eval_strategy="no")
    one.processing_class = tokenizer
    one.train()
    loaded = mainstay.transformers.load_model(f"runs:/{only_run().info.run_id}/model")
    (answer,) = loaded("a b c")
    assert answer["label"] in {"LABEL_0", "LABEL_1"}
