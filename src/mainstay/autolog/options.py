"""What autolog records; the names are MLflow's, and the defaults but for input examples."""

from __future__ import annotations

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Options of one library's autolog."""

    log_models: bool = True
    """Log the fitted model."""

    log_input_examples: bool = True
    """Keep five rows of the input with the model: serving warms up on them, and shows them."""

    log_model_signatures: bool = True
    """Keep names and types of inputs and outputs with the model."""

    log_datasets: bool = True
    """Record digest, schema and profile of what the model was fitted on."""

    log_post_training_metrics: bool = True
    """Record ``score`` calls on a fitted model as metrics of its run."""

    disable: bool = False
    """Record nothing."""

    exclusive: bool = False
    """Record nothing into runs that the user started."""

    silent: bool = False
    """Do not warn when recording fails."""

    registered_model_name: str | None = None
    """Register each logged model as a version of this model."""

    max_tuning_runs: int | None = 5
    """Child runs for a parameter search: the best ones; None for all."""

    pos_label: int | str | None = None
    """The positive class of binary metrics; without it they are weighted over classes."""

    serialization_format: str | None = None
    """How the model is written: skops, cloudpickle or pickle; None: the flavor's default."""

    extra_tags: dict[str, str] = {}
    """Tags for every run that autolog starts."""
