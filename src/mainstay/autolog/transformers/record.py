"""What is recorded of one ``Trainer.train`` of Hugging Face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from transformers import TrainerCallback

from mainstay.autolog import models
from mainstay.autolog.recording import Recording
from mainstay.autolog.transformers.options import TransformersOptions
from mainstay.errors import BadInput

Original = Callable[..., Any]

TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
}
"""The task of a model by the end of its class's name."""

_runs: WeakKeyDictionary[Any, Recording] = WeakKeyDictionary()
"""In which run a trainer trained last."""


class _Points(TrainerCallback):  # type: ignore[misc]
    """Hands on what the trainer logs."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **others: Any) -> None:
        """Log the numbers among them, on the process that speaks for all."""
        if state.is_world_process_zero:
            with self._recording.part("the metrics"):
                self._recording.metrics(_numbers(logs or {}), step=state.global_step)


def train(
    options: TransformersOptions,
    original: Original,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    """Call ``train`` with a callback more and record it, on the first process only."""
    trainer = arguments[0]
    first = trainer.is_world_process_zero()
    recording = Recording.begin("transformers", options) if first else None
    if recording is None:
        return original(*arguments, **keywords)
    points = _Points(recording)
    with recording.part("the parameters"):
        config = getattr(trainer.model, "config", None)
        known = {} if config is None else config.to_dict()
        recording.describe({**known, **trainer.args.to_dict()}, trainer.model)
    with recording.part("the metrics"):
        trainer.add_callback(points)
    try:
        with recording.training():
            result = original(*arguments, **keywords)
    finally:
        trainer.remove_callback(points)
    with recording.part("the best step"):
        recording.metrics(_best(trainer.state))
    if options.log_datasets:
        with recording.part("the data sets"):
            _log_data(recording, trainer)
    if options.log_models:
        with recording.part("the model"):
            _log_model(options, trainer)
    with recording.part("the end of the run"):
        _runs[trainer] = recording
    recording.finished()
    return result


def evaluated(trainer: Any, found: Mapping[str, Any]) -> None:
    """Log an evaluation after the training into the run of the training."""
    recording = _runs.get(trainer)
    if recording is not None:
        recording.metrics(_numbers(found), step=trainer.state.global_step)


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in logs.items() if isinstance(value, int | float)}


def _best(state: Any) -> dict[str, float]:
    """Return which step was best, where the trainer was asked to watch a metric."""
    found = {"best_metric": state.best_metric, "best_global_step": state.best_global_step}
    return _numbers(found) if state.best_metric is not None else {}


def _log_data(recording: Recording, trainer: Any) -> None:
    from mainstay.data import from_huggingface

    for purpose, data in (("train", trainer.train_dataset), ("eval", trainer.eval_dataset)):
        if hasattr(data, "_fingerprint") and hasattr(data, "features"):
            recording.dataset(from_huggingface(data, name=purpose), purpose)


def _log_model(options: TransformersOptions, trainer: Any) -> None:
    """Log the pipeline of the model. Raises: BadInput where there can be none."""
    model, tokenizer = trainer.model, trainer.processing_class
    name = type(model).__name__
    task = next((task for end, task in TASKS.items() if name.endswith(end)), None)
    if tokenizer is None or task is None:
        raise BadInput(
            f"a {name} makes no pipeline by itself: give the trainer a processing_class, or log "
            "the pipeline with mainstay.transformers.log_model"
        )
    parts = {"model": model, "tokenizer": tokenizer}
    models.log_fitted(options, "transformers", parts, arguments={"task": task})
