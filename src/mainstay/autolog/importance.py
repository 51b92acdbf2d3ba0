"""Which features a model goes by: data that the UI draws, and a picture where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from mainstay.autolog import plots
from mainstay.autolog.recording import Recording


def log(recording: Recording, kind: str, values: Mapping[str, float]) -> None:
    """Log an importance of boosted trees, the most important feature first.

    ``feature_importance_<kind>.json`` is MLflow's file: every feature's value by its name. The
    plot beside it is drawn.
    """
    ordered = dict(sorted(values.items(), key=lambda item: -item[1]))
    recording.json({key: float(value) for key, value in ordered.items()}, path(kind))
    recording.plot(plots.importance(kind, ordered), f"plots/{path(kind)}")


def path(kind: str) -> str:
    """Return where the importance of a kind is written."""
    return f"feature_importance_{kind}.json"
