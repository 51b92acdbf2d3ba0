"""statsmodels: fitted results in the library's only form, a pickle. Loading one runs code."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import statsmodels

from mainstay.errors import BadInput
from mainstay.models.flavors import estimator_files, statsmodels_answers
from mainstay.models.flavors.arguments import check_options, data_file
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel

FILE = "model.statsmodels"


class StatsmodelsFlavor:
    """What ``fit`` of a statsmodels model returns."""

    name = "statsmodels"

    def owns(self, model: object) -> bool:
        """Tell whether the model's class is one of statsmodels."""
        return type(model).__module__.partition(".")[0] == "statsmodels"

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``model.statsmodels``; the option ``remove_data`` leaves the training data out.

        Raises:
            BadInput: it is not fitted, or cannot be pickled.
        """
        check_options(self.name, options, ("remove_data",))
        try:
            _write(model, folder / FILE, remove_data=bool(options.get("remove_data")))
        except (pickle.PicklingError, TypeError, AttributeError, NotImplementedError) as error:
            raise BadInput(f"{type(model).__name__} cannot be pickled: {error}") from error
        named = estimator_files.modules(folder / FILE, "pickle")
        return Saved(
            name=self.name,
            fields={
                "data": FILE,
                "statsmodels_version": statsmodels.__version__,
                "code": None,
            },
            loader_module="mlflow.statsmodels",
            pyfunc={"data": FILE},
            modules=tuple(dict.fromkeys(("statsmodels", "numpy", "scipy", "pandas", *named))),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return what the pickle imports."""
        return estimator_files.asks(data_file(self.name, folder, model), "pickle", lambda _: [])

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the results."""
        return estimator_files.load(data_file(self.name, folder, model), "pickle")

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict``; parameters are not handed on, as in MLflow.

        A time series is asked by one row with the columns ``start`` and ``end``.
        """
        ask = statsmodels_answers.asker(loaded)
        return lambda data, _: ask(data)


def _write(model: Any, path: Path, *, remove_data: bool) -> None:
    """Pickle the results by their own method, or as they are where they have none (VECM, Theta).

    Raises: BadInput.
    """
    if callable(getattr(model, "save", None)):
        model.save(str(path), remove_data=remove_data)
        return
    if not statsmodels_answers.forecasts(model):
        raise BadInput(f"{type(model).__name__} holds no results; save what its fit() returned")
    if remove_data:
        raise BadInput(f"{type(model).__name__} cannot do without its data; leave remove_data out")
    with path.open("wb") as stream:
        pickle.dump(model, stream)


FLAVOR = StatsmodelsFlavor()
