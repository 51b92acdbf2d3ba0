"""What autolog records of Spark ML, beyond what every library has."""

from __future__ import annotations

from mainstay.autolog.options import Options


class SparkOptions(Options, frozen=True, kw_only=True):
    """Options of Spark ML's autolog."""

    log_post_training_metrics: bool = True
    """Record what evaluators say of a fitted model's answers as metrics of its run."""

    log_model_allowlist: tuple[str, ...] | None = None
    """Log only models of these classes, by module and name, ``*`` for anything; None: of all."""
