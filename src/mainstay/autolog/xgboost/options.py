"""What autolog records of XGBoost, beyond what every library has."""

from __future__ import annotations

from mainstay.autolog.options import Options

IMPORTANCE = ("weight",)


class XgboostOptions(Options, frozen=True, kw_only=True):
    """Options of XGBoost's autolog."""

    importance_types: tuple[str, ...] = IMPORTANCE
    """Which importances of features: weight, gain, cover, total_gain, total_cover."""

    model_format: str = "ubj"
    """How the model is written: ubj or json."""
