"""Which features a model goes by: data that the UI draws, and a picture where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from mainstay.autolog.recording import Recording


def log(recording: Recording, kind: str, values: Mapping[str, float]) -> None:
    """Log ``feature_importance_<kind>.json``, the most important first."""
    ordered = dict(sorted(values.items(), key=lambda item: -item[1]))
    recording.json({key: float(value) for key, value in ordered.items()}, path(kind))


def path(kind: str) -> str:
    """Return where the importance of a kind is written."""
    return f"feature_importance_{kind}.json"
