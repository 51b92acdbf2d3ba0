"""Log the fitted estimator as a model of its run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mainstay.autolog.options import Options
from mainstay.fluent import models as logged
from mainstay.fluent.active import ActiveRun
from mainstay.models import saving
from mainstay.packaging.inference import infer_signature

NAME = "model"
EXAMPLE_ROWS = 5
PROFILE_ROWS = 20_000
"""Rows of the training data that the model's profile is made of, evenly spread."""


def log_fitted(
    run: ActiveRun, options: Options, estimator: Any, features: Any, predicted: Any
) -> str:
    """Log an estimator with signature, example and profile, and return the logged model's id."""
    model = logged.initialize_logged_model(NAME, source_run_id=run.run_id, model_type="")
    package = _package(run, options, features, predicted, model.model_id)
    with saving.private_folder() as folder:
        path = Path(folder, NAME)
        try:
            saving.save_model(estimator, path, package)
            logged.log_model_artifacts(path, model.model_id)
        except BaseException:
            logged.finalize_logged_model(model.model_id, "FAILED")
            raise
    logged.finalize_logged_model(model.model_id, "READY")
    if options.registered_model_name:
        logged.register_logged_model(
            model.model_id, options.registered_model_name, run_id=run.run_id
        )
    return model.model_id


def _package(
    run: ActiveRun, options: Options, features: Any, predicted: Any, model_id: str
) -> saving.Package:
    example = features[:EXAMPLE_ROWS] if _is_tabular(features) else None
    signed = options.log_model_signatures and example is not None
    form = options.serialization_format
    return saving.Package(
        flavor="sklearn",
        options={} if form is None else {"serialization_format": form},
        signature=infer_signature(features, predicted) if signed else False,
        input_example=example if options.log_input_examples else None,
        profile_data=_spread(features) if signed and hasattr(features, "columns") else None,
        run_id=run.run_id,
        model_id=model_id,
        artifact_path=NAME,
    )


def _is_tabular(features: Any) -> bool:
    return hasattr(features, "shape") and not hasattr(features, "tocsr")


def _spread(frame: Any) -> Any:
    step = max(1, len(frame) // PROFILE_ROWS)
    return frame.iloc[::step] if step > 1 else frame
