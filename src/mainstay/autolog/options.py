"""What autolog records; the names are MLflow's, and the defaults but for input examples."""

from __future__ import annotations

from typing import Literal, Self

import msgspec

LogPlots = bool | Literal["png"]
"""Whether plots are logged as data, or as data and pictures."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Options that every library's autolog has; a library adds its own in a subclass."""

    log_models: bool = True
    """Log the fitted model."""

    log_input_examples: bool = True
    """Keep five rows of the input with the model: serving warms up on them, and shows them."""

    log_model_signatures: bool = True
    """Keep names and types of inputs and outputs with the model."""

    log_datasets: bool = True
    """Record digest, schema and profile of what the model was fitted on."""

    disable: bool = False
    """Record nothing."""

    exclusive: bool = False
    """Record nothing into runs that the user started."""

    silent: bool = False
    """Do not warn when recording fails."""

    registered_model_name: str | None = None
    """Register each logged model as a version of this model."""

    extra_tags: dict[str, str] = {}
    """Tags for every run that autolog starts."""

    log_plots: LogPlots = True
    """Log plots as data; ``"png"``: and draw each with matplotlib."""

    @classmethod
    def of(cls, options: Options) -> Self:
        """Return these options as the library's own, with its defaults for what they lack."""
        if isinstance(options, cls):
            return options
        return cls(**msgspec.structs.asdict(options))
