"""Switch recording on for every library that mainstay knows, now or when it is imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from mainstay.autolog.options import LogPlots, Options
from mainstay.plugins import PluginTable


class Integration(Protocol):
    """Recording for one library. Importing the integration must not import the library."""

    name: str

    def install(self, options: Options) -> None:
        """Record from now on, with these options; again with others changes them."""
        ...

    def remove(self) -> None:
        """Record no more, and leave the library as it was."""
        ...


INTEGRATIONS: PluginTable[Integration] = PluginTable(
    "mainstay.autolog",
    {
        "catboost": "mainstay.autolog.catboost.patch:INTEGRATION",
        "keras": "mainstay.autolog.keras.patch:INTEGRATION",
        "lightgbm": "mainstay.autolog.lightgbm.patch:INTEGRATION",
        "pyspark.ml": "mainstay.autolog.spark.patch:INTEGRATION",
        "pytorch": "mainstay.autolog.pytorch.patch:INTEGRATION",
        "sklearn": "mainstay.autolog.sklearn.patch:INTEGRATION",
        "statsmodels": "mainstay.autolog.statsmodels.patch:INTEGRATION",
        "transformers": "mainstay.autolog.transformers.patch:INTEGRATION",
        "xgboost": "mainstay.autolog.xgboost.patch:INTEGRATION",
    },
)

OTHER_NAMES = {"tensorflow": "keras", "lightning": "pytorch", "spark": "pyspark.ml"}
"""What people call an integration besides its own name."""


def autolog(
    log_input_examples: bool = True,
    log_model_signatures: bool = True,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    silent: bool = False,
    extra_tags: dict[str, str] | None = None,
    exclude_flavors: Sequence[str] | None = None,
    log_plots: LogPlots = True,
    **ignored: Any,  # noqa: ARG001 - options of libraries that MLflow knows and we do not
) -> None:
    """Record training of every supported library by itself: parameters, metrics, model, data.

    Loads none of the libraries; each is hooked when it is imported. Each ``fit`` goes into the
    active run, or into one of its own. Options are MLflow's; those for libraries that are not
    supported are passed over. A failure in recording warns once and never reaches the training.
    """
    options = Options(
        log_input_examples=log_input_examples,
        log_model_signatures=log_model_signatures,
        log_models=log_models,
        log_datasets=log_datasets,
        disable=disable,
        exclusive=exclusive,
        silent=silent,
        extra_tags=dict(extra_tags or {}),
        log_plots=log_plots,
    )
    excluded = {OTHER_NAMES.get(name, name) for name in exclude_flavors or ()}
    for name in INTEGRATIONS.names():
        if name not in excluded:
            switch(name, options)


def switch(name: str, options: Options) -> None:
    """Switch one library's recording on or off. Raises: BadInput if there is none of that name."""
    integration = INTEGRATIONS.get(name)
    if options.disable:
        integration.remove()
    else:
        integration.install(options)
