"""What is recorded of one ``fit`` of statsmodels."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from mainstay.autolog import models
from mainstay.autolog.options import Options
from mainstay.autolog.recording import Recording
from mainstay.data import of_fit

Original = Callable[..., Any]

MEASURES = (
    *("aic", "bic", "centered_tss", "condition_number", "df_model", "df_resid", "ess", "f_pvalue"),
    *("fvalue", "llf", "mse_model", "mse_resid", "mse_total", "rsquared", "rsquared_adj", "scale"),
    *("ssr", "uncentered_tss", "aicc", "bicc", "hqic", "sse", "mse", "mae", "llnull", "llr"),
    *("llr_pvalue", "prsquared", "deviance", "null_deviance", "pearson_chi2"),
)
"""Numbers that results may have, by their names; those they lack are left out."""


def fit(
    options: Options, original: Original, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call ``fit`` and record what it returns."""
    recording = Recording.begin("statsmodels", options)
    if recording is None:
        return original(*arguments, **keywords)
    model = arguments[0]
    with recording.part("the parameters"):
        recording.describe(_told(original, arguments, keywords), model)
    with recording.training():
        results = original(*arguments, **keywords)
    with recording.part("the metrics"):
        recording.metrics(_measures(results))
    with recording.part("the summary"), suppress(NotImplementedError):
        recording.text(results.summary().as_text(), "model_summary.txt")
    if options.log_datasets:
        with recording.part("the data set"):
            features, targets = _data(model)
            if features is not None:
                recording.dataset(of_fit(features, targets), "train")
    if options.log_models:
        with recording.part("the model"):
            models.log_fitted(options, "statsmodels", results)
    recording.finished()
    return results


def _told(
    original: Original, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how ``fit`` was called, its defaults included; of arrays only what they are."""
    bound = inspect.signature(original).bind(*arguments, **keywords)
    bound.apply_defaults()
    found = dict(list(bound.arguments.items())[1:])
    for name in ("kwargs", "kwds"):
        more = found.pop(name, None)
        found |= more if isinstance(more, Mapping) else {}
    return {
        key: f"{type(value).__name__}{value.shape}" if hasattr(value, "shape") else value
        for key, value in found.items()
    }


def _measures(results: Any) -> dict[str, float]:
    found = {}
    for name in MEASURES:
        try:
            value = getattr(results, name, None)
        except (ValueError, NotImplementedError, AttributeError, TypeError, np.linalg.LinAlgError):
            continue  # computed on reading, and these results cannot
        if isinstance(value, int | float | np.number):
            found[name] = float(value)
    return found


def _data(model: Any) -> tuple[Any, Any]:
    """Return regressors and observations as the model was given them."""
    data = model.data
    features = getattr(data, "orig_exog", None)
    targets = getattr(data, "orig_endog", None)
    if features is None and targets is not None:  # a time series without regressors
        frame = targets.to_frame() if hasattr(targets, "to_frame") else targets
        return frame, None
    return features, targets
