"""CatBoost in the library's own binary form or JSON: data, whichever of the two.

Like MLflow, the file is called ``model.cb`` in both forms; MLmodel says which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import catboost

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors.arguments import check_options, choice, data_file
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel

FILE = "model.cb"
FORMATS = ("cbm", "json")
KINDS = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")


class CatboostFlavor:
    """``CatBoost`` and its classifier, regressor and ranker."""

    name = "catboost"

    def owns(self, model: object) -> bool:
        """Tell whether a class of catboost is among the model's."""
        return any(base.__module__.partition(".")[0] == "catboost" for base in type(model).__mro__)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``model.cb`` (option ``format``: cbm or json). Raises: BadInput."""
        check_options(self.name, options, ("format",))
        form = choice("format", options.get("format"), FORMATS, "cbm")
        kind = type(model).__name__
        if kind not in KINDS or type(model) is not getattr(catboost, kind):
            raise BadInput(
                f"a {kind} would be loaded as another class than it is; save one of "
                f"{', '.join(KINDS)}, or wrap it in a mainstay.pyfunc.PythonModel"
            )
        try:
            model.save_model(str(folder / FILE), format=form)
        except catboost.CatBoostError as error:  # not fitted, for one
            raise BadInput(f"the {kind} cannot be saved: {error}") from error
        fields = {
            "data": FILE,
            "model_type": kind,
            "save_format": form,
            "catboost_version": catboost.__version__,
            "code": None,
        }
        return Saved(
            name=self.name,
            fields=fields,
            loader_module="mlflow.catboost",
            pyfunc={"data": FILE},
            modules=("catboost", "numpy", "scipy"),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return (): both forms are data. Raises: InvalidModel if MLmodel names another."""
        data_file(self.name, folder, model)
        _kind_of(model)
        _form_of(model)
        return ()

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the model."""
        path = data_file(self.name, folder, model)
        loaded = getattr(catboost, _kind_of(model))()
        try:
            loaded.load_model(str(path), format=_form_of(model))
        except (catboost.CatBoostError, ValueError, UnicodeDecodeError) as error:
            first = str(error).strip().partition("\n")[0]
            raise InvalidModel(f"{path.name} is no catboost model: {first}") from error
        return loaded

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict``. Parameters are not handed on, as in MLflow."""
        return lambda data, _: loaded.predict(data)


def _kind_of(model: MLmodel) -> str:
    name = model.flavors.get("catboost", {}).get("model_type") or "CatBoost"
    if name not in KINDS:
        raise InvalidModel(f"MLmodel names the class {name!r}, which is not one of catboost's own")
    return str(name)


def _form_of(model: MLmodel) -> str:
    form = model.flavors.get("catboost", {}).get("save_format") or "cbm"
    if form not in FORMATS:
        raise InvalidModel(f"MLmodel names an unknown save_format {form!r}; {FORMATS} are known")
    return str(form)


FLAVOR = CatboostFlavor()
