"""Log the fitted estimator as a model of its run."""

from __future__ import annotations

from typing import Any

from mainstay.autolog.options import Options
from mainstay.models.logging import Placement, log_model
from mainstay.models.saving import Package
from mainstay.packaging.inference import infer_signature

NAME = "model"
EXAMPLE_ROWS = 5
PROFILE_ROWS = 20_000
"""Rows of the training data that the model's profile is made of, evenly spread."""


def log_fitted(options: Options, estimator: Any, features: Any, predicted: Any) -> str:
    """Log an estimator with signature, example and profile, and return the logged model's id."""
    placement = Placement(name=NAME, registered_model_name=options.registered_model_name)
    made = log_model(estimator, _package(options, features, predicted), placement)
    return made.model_id or ""


def _package(options: Options, features: Any, predicted: Any) -> Package:
    example = features[:EXAMPLE_ROWS] if _is_tabular(features) else None
    signed = options.log_model_signatures and example is not None
    form = options.serialization_format
    return Package(
        flavor="sklearn",
        options={} if form is None else {"serialization_format": form},
        signature=infer_signature(features, predicted) if signed else False,
        input_example=example if options.log_input_examples else None,
        profile_data=_spread(features) if signed and hasattr(features, "columns") else None,
    )


def _is_tabular(features: Any) -> bool:
    return hasattr(features, "shape") and not hasattr(features, "tocsr")


def _spread(frame: Any) -> Any:
    step = max(1, len(frame) // PROFILE_ROWS)
    return frame.iloc[::step] if step > 1 else frame
