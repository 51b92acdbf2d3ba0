"""Log what a fit made as a model of its run: signature, input example and drift profile."""

from __future__ import annotations

from typing import Any

from mainstay.autolog.options import Options
from mainstay.models.flavors import FLAVORS
from mainstay.models.logging import Placement, log_model
from mainstay.models.saving import Package
from mainstay.packaging.inference import infer_signature
from mainstay.packaging.mlmodel import MLmodel

NAME = "model"
EXAMPLE_ROWS = 5
PROFILE_ROWS = 20_000
"""Rows of the training data that the model's profile is made of, evenly spread."""


def log_fitted(
    options: Options,
    flavor: str,
    model: Any,
    *,
    rows: Any = None,
    answers: Any = None,
    whole: Any = None,
    arguments: dict[str, Any] | None = None,
) -> str:
    """Log a model and return the logged model's id.

    Args:
        flavor: how it is saved.
        rows: a few rows of what it was fitted on, None where there are none to show.
        answers: what the model says to ``rows``, or to ``whole``.
        whole: all that it was fitted on: the signature is of it, and a frame makes the profile.
        arguments: the flavor's own of ``save_model``.

    Raises: BadInput if the flavor cannot save it.
    """
    signed = options.log_model_signatures and rows is not None
    package = Package(
        flavor=flavor,
        options=arguments or {},
        signature=infer_signature(rows if whole is None else whole, answers) if signed else False,
        input_example=rows if options.log_input_examples else None,
        profile_data=spread(whole) if signed and hasattr(whole, "iloc") else None,
    )
    placement = Placement(name=NAME, registered_model_name=options.registered_model_name)
    return log_model(model, package, placement).model_id or ""


def answers(flavor: str, model: Any, rows: Any) -> Any:
    """Return what a model says to a few rows, as its flavor asks it."""
    return FLAVORS.get(flavor).predictor(model, MLmodel(flavors={}))(rows, {})


def first(data: Any, count: int = EXAMPLE_ROWS) -> Any:
    """Return the first rows of a table or array, None of what cannot be shown as an example."""
    if hasattr(data, "tocsr") or not hasattr(data, "shape"):
        return None
    return data.iloc[:count] if hasattr(data, "iloc") else data[:count]


def spread(frame: Any) -> Any:
    """Return at most about PROFILE_ROWS rows of a frame, evenly spread over it."""
    step = max(1, len(frame) // PROFILE_ROWS)
    return frame.iloc[::step] if step > 1 else frame
