"""LightGBM: boosters as text, estimators with skops where their types can be vouched for.

The text holds numbers and settings; inside a skops file the trees are the same text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightgbm
from lightgbm.basic import LightGBMError

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors import estimator_files
from mainstay.models.flavors.arguments import check_options, data_file
from mainstay.models.flavors.base import Predict, Saved
from mainstay.models.flavors.sklearn import unvouched
from mainstay.packaging.mlmodel import MLmodel

BOOSTER = "lightgbm.basic.Booster"
FILE = "model.lgb"
_STOCK_TYPES = (
    "collections.OrderedDict",
    BOOSTER,
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
)
"""What MLflow lists for every model."""


class LightgbmFlavor:
    """``Booster`` and the estimators of ``lightgbm.sklearn``."""

    name = "lightgbm"

    def owns(self, model: object) -> bool:
        """Tell whether a class of lightgbm is among the model's."""
        return any(base.__module__.partition(".")[0] == "lightgbm" for base in type(model).__mro__)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``model.lgb`` (a booster), ``model.skops`` or ``model.pkl`` (an estimator).

        ``options``: ``serialization_format`` and ``skops_trusted_types``, for estimators.
        Raises: BadInput.
        """
        check_options(self.name, options, ("serialization_format", "skops_trusted_types"))
        wanted = options.get("serialization_format")
        if isinstance(model, lightgbm.Booster):
            if wanted not in (None, "skops"):  # what MLflow writes for a booster
                raise BadInput("a booster is saved as text; leave serialization_format out")
            file, form = FILE, "skops"
            trusted: list[str] = []
            model.save_model(folder / file)
            named: tuple[str, ...] = ()
        else:
            extra = options.get("skops_trusted_types")
            form, trusted = estimator_files.write(model, folder, wanted, extra, unvouched)
            file = estimator_files.FILES[form]
            named = ("sklearn", *estimator_files.modules(folder / file, form))
        kind = type(model)
        types = sorted({*_STOCK_TYPES, *trusted})
        fields = {
            "data": file,
            "model_class": f"{kind.__module__}.{kind.__qualname__}",
            "lgb_version": lightgbm.__version__,
            "serialization_format": form,
            "skops_trusted_types": types if form == "skops" else None,
            "code": None,
        }
        return Saved(
            name=self.name,
            fields=fields,
            loader_module="mlflow.lightgbm",
            pyfunc={"data": file},
            modules=tuple(dict.fromkeys(("lightgbm", "numpy", "scipy", *named))),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return () for text, else what the estimator's file asks for."""
        path, form = self._place(folder, model)
        return () if form == "text" else estimator_files.asks(path, form, unvouched)

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the booster or the estimator."""
        path, form = self._place(folder, model)
        if form != "text":
            return estimator_files.load(path, form)
        try:
            return lightgbm.Booster(model_file=path)
        except (LightGBMError, ValueError, UnicodeDecodeError) as error:
            raise InvalidModel(f"{path.name} is no lightgbm model: {error}") from error

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict``. Parameters are not handed on, as in MLflow."""
        return lambda data, _: loaded.predict(data)

    def _place(self, folder: Path, model: MLmodel) -> tuple[Path, str]:
        """Return the file and its form: that of the file itself, whatever MLmodel says."""
        path = data_file(self.name, folder, model)
        fields = model.flavors.get(self.name, {})
        if fields.get("model_class") in (None, BOOSTER):
            return path, "text"
        form = fields.get("serialization_format") or "cloudpickle"
        if form not in estimator_files.FORMATS:
            raise InvalidModel(f"MLmodel names an unknown serialization_format {form!r}")
        return path, str(form)


FLAVOR = LightgbmFlavor()
