"""scikit-learn: skops where its types can be vouched for, else cloudpickle.

The fields in MLmodel are those of MLflow's sklearn flavor, so that each loads the other's models.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sklearn

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors import estimator_files, sklearn_boosting, sklearn_trees
from mainstay.models.flavors.arguments import check_options
from mainstay.models.flavors.base import Predict, Saved
from mainstay.models.flavors.estimator_files import FILES, FORMATS
from mainstay.models.flavors.sklearn_boosting import PREDICTOR
from mainstay.models.flavors.sklearn_types import TREE, VOUCHED
from mainstay.packaging.mlmodel import MLmodel, inside


class SklearnFlavor:
    """Estimators and pipelines of scikit-learn."""

    name = "sklearn"

    def owns(self, model: object) -> bool:
        """Tell whether a class of scikit-learn is among the model's."""
        return any(base.__module__.partition(".")[0] == "sklearn" for base in type(model).__mro__)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``model.skops`` or ``model.pkl``.

        ``options``: ``serialization_format`` (skops, cloudpickle, pickle; None chooses),
        ``skops_trusted_types`` and ``pyfunc_predict_fn``. Raises: BadInput.
        """
        known = ("serialization_format", "skops_trusted_types", "pyfunc_predict_fn")
        check_options(self.name, options, known)
        predict = str(options.get("pyfunc_predict_fn") or "predict")
        if not self.owns(model):
            raise BadInput(
                f"{type(model).__name__} is no scikit-learn estimator; use mainstay.pyfunc for it"
            )
        if not callable(getattr(model, predict, None)) and options.get("pyfunc_predict_fn"):
            raise BadInput(f"{type(model).__name__} has no method {predict!r}")
        form, trusted = estimator_files.write(
            model,
            folder,
            options.get("serialization_format"),
            options.get("skops_trusted_types"),
            unvouched,
        )
        fields = {
            "pickled_model": FILES[form],
            "sklearn_version": sklearn.__version__,
            "serialization_format": form,
            "skops_trusted_types": trusted or None,
            "code": None,
        }
        named = estimator_files.modules(folder / FILES[form], form)
        return Saved(
            name=self.name,
            fields=fields,
            loader_module="mlflow.sklearn",
            pyfunc={"model_path": FILES[form], "predict_fn": predict},
            modules=tuple(dict.fromkeys(("sklearn", "numpy", "scipy", *named))),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return the types of a skops file that are not vouched for, or what a pickle imports."""
        form, path = _place(folder, model)
        return estimator_files.asks(path, form, unvouched)

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the estimator."""
        form, path = _place(folder, model)
        return estimator_files.load(path, form)

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return the estimator's ``predict`` (or the method named when it was saved).

        Parameters are not handed on, as in MLflow.
        """
        name = str(model.pyfunc.get("predict_fn") or "predict")
        method = getattr(loaded, name, None)
        if method is None:
            raise InvalidModel(
                f"{type(loaded).__name__} has no method {name!r}; load it with "
                "mainstay.sklearn.load_model to use its own methods"
            )
        return lambda data, _: method(data)


def unvouched(path: Path) -> list[str]:
    """Return the types of a skops file that neither skops nor this flavor vouches for."""
    found = estimator_files.untrusted(path)
    for name, sound in ((TREE, sklearn_trees.sound), (PREDICTOR, sklearn_boosting.sound)):
        if name in found and sound(path):
            found.remove(name)
    return [name for name in found if name not in VOUCHED]


def _place(folder: Path, model: MLmodel) -> tuple[str, Path]:
    fields = model.flavors.get("sklearn", {})
    name = fields.get("pickled_model") or model.pyfunc.get("model_path")
    if not isinstance(name, str):
        raise InvalidModel("MLmodel does not say where the scikit-learn model is (pickled_model)")
    form = fields.get("serialization_format") or "pickle"
    if form not in FORMATS:
        raise InvalidModel(f"MLmodel names an unknown serialization_format {form!r}")
    return form, inside(folder, name)


FLAVOR = SklearnFlavor()
