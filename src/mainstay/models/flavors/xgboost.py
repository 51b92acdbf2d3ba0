"""XGBoost: boosters and estimators in the library's own UBJSON or JSON.

Such a file holds numbers and settings; reading it runs nothing of it. The class to build is
taken from a list of the library's own, never from the name in MLmodel alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from xgboost.core import XGBoostError

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors.arguments import check_options, choice, data_file, with_params
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel

FORMATS = ("ubj", "json")
BOOSTER = "xgboost.core.Booster"
_ESTIMATORS = "XGBClassifier XGBRegressor XGBRanker XGBRFClassifier XGBRFRegressor XGBModel"


class XgboostFlavor:
    """``Booster`` and the estimators of ``xgboost.sklearn``."""

    name = "xgboost"

    def owns(self, model: object) -> bool:
        """Tell whether a class of xgboost is among the model's."""
        return any(base.__module__.partition(".")[0] == "xgboost" for base in type(model).__mro__)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``model.ubj`` or ``model.json`` (option ``model_format``). Raises: BadInput."""
        check_options(self.name, options, ("model_format",))
        form = choice("model_format", options.get("model_format"), FORMATS, "ubj")
        kind = _name(type(model))
        if kind not in _classes():
            raise BadInput(
                f"{kind} would be loaded as another class than it is; save an estimator of "
                "xgboost itself, or use mainstay.sklearn, which saves your class with cloudpickle"
            )
        file = f"model.{form}"
        try:
            model.save_model(folder / file)
        except (XGBoostError, TypeError, ValueError) as error:  # not fitted, for one
            raise BadInput(f"the {type(model).__name__} cannot be saved: {error}") from error
        fields = {
            "data": file,
            "model_class": kind,
            "model_format": form,
            "xgb_version": xgboost.__version__,
            "code": None,
        }
        estimator = () if kind == BOOSTER else ("sklearn",)
        return Saved(
            name=self.name,
            fields=fields,
            loader_module="mlflow.xgboost",
            pyfunc={"data": file},
            modules=("xgboost", "numpy", "scipy", *estimator),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return (): the file is data. Raises: InvalidModel if it names a class of its own."""
        data_file(self.name, folder, model)
        _class_of(model)
        return ()

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the booster or the estimator."""
        path = data_file(self.name, folder, model)
        loaded = _class_of(model)()
        try:
            loaded.load_model(path)
        except (XGBoostError, ValueError, KeyError, TypeError) as error:
            first = str(error).strip().partition("\n")[0]
            raise InvalidModel(f"{path.name} is no xgboost model: {first}") from error
        return loaded

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict``; a booster gets its data as a ``DMatrix``."""
        call = with_params(self.name, loaded.predict)
        if not isinstance(loaded, xgboost.Booster):
            return call
        return lambda data, params: call(_matrix(data), params)


def _matrix(data: Any) -> xgboost.DMatrix:
    values = np.asarray(data) if isinstance(data, list) else data
    return xgboost.DMatrix(values, enable_categorical=True)


def _class_of(model: MLmodel) -> Any:
    name = model.flavors.get("xgboost", {}).get("model_class") or BOOSTER
    found = _classes().get(str(name))
    if found is None:
        raise InvalidModel(f"MLmodel names the class {name!r}, which is not one of xgboost's own")
    return found


def _classes() -> dict[str, Any]:
    known = [getattr(xgboost, name) for name in ("Booster", *_ESTIMATORS.split())]
    return {_name(kind): kind for kind in known}


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


FLAVOR = XgboostFlavor()
