"""What autolog records of scikit-learn, beyond what every library has."""

from __future__ import annotations

from mainstay.autolog.options import Options


class SklearnOptions(Options, frozen=True, kw_only=True):
    """Options of scikit-learn's autolog."""

    log_post_training_metrics: bool = True
    """Record ``score`` calls on a fitted model as metrics of its run."""

    max_tuning_runs: int | None = 5
    """Child runs for a parameter search: the best ones; None for all."""

    pos_label: int | str | None = None
    """The positive class of binary metrics; without it they are weighted over classes."""

    serialization_format: str | None = None
    """How the model is written: skops, cloudpickle or pickle; None: the flavor's default."""
