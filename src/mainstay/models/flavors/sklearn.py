"""scikit-learn: skops where its types can be vouched for, else cloudpickle.

The fields in MLmodel are those of MLflow's sklearn flavor, so that each loads the other's models.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cloudpickle
import sklearn
import skops.io
from skops.io.exceptions import UnsupportedTypeException

from mainstay.errors import BadInput, InvalidModel
from mainstay.models import pickles
from mainstay.models.flavors import sklearn_trees
from mainstay.models.flavors.base import Predict, Saved
from mainstay.models.flavors.sklearn_types import TREE, VOUCHED
from mainstay.packaging.mlmodel import MLmodel, inside

FORMATS = ("skops", "cloudpickle", "pickle")
_FILES = {"skops": "model.skops", "cloudpickle": "model.pkl", "pickle": "model.pkl"}


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
        known = {"serialization_format", "skops_trusted_types", "pyfunc_predict_fn"}
        if unknown := sorted(set(options) - known):
            raise BadInput(f"the sklearn flavor has no option {', '.join(unknown)}")
        predict = str(options.get("pyfunc_predict_fn") or "predict")
        if not self.owns(model):
            raise BadInput(
                f"{type(model).__name__} is no scikit-learn estimator; use mainstay.pyfunc for it"
            )
        if not callable(getattr(model, predict, None)) and options.get("pyfunc_predict_fn"):
            raise BadInput(f"{type(model).__name__} has no method {predict!r}")
        form, trusted = _write(
            model, folder, options.get("serialization_format"), options.get("skops_trusted_types")
        )
        fields = {
            "pickled_model": _FILES[form],
            "sklearn_version": sklearn.__version__,
            "serialization_format": form,
            "skops_trusted_types": trusted or None,
            "code": None,
        }
        writer = {"skops": ("skops",), "cloudpickle": ("cloudpickle",), "pickle": ()}[form]
        named = _modules(folder / _FILES[form], form)
        return Saved(
            name=self.name,
            fields=fields,
            loader_module="mlflow.sklearn",
            pyfunc={"model_path": _FILES[form], "predict_fn": predict},
            modules=tuple(dict.fromkeys(("sklearn", "numpy", "scipy", *writer, *named))),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return the types of a skops file that are not vouched for, or what a pickle imports."""
        form, path = _place(folder, model)
        if form != "skops":
            return tuple(f"{name} ({form})" for name in pickles.names(path)) or (f"a {form}",)
        return tuple(_unvouched(path))

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the estimator."""
        form, path = _place(folder, model)
        if form == "skops":
            return skops.io.load(path, trusted=_untrusted(path))
        with path.open("rb") as stream:
            try:
                return pickles.load(stream)
            except (pickle.UnpicklingError, EOFError) as error:
                raise InvalidModel(f"{path.name} is no pickle: {error}") from error

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


def _write(
    model: Any, folder: Path, wanted: str | None, trusted: list[str] | None
) -> tuple[str, list[str]]:
    """Write the model; return the format and the types that a reader must trust."""
    if wanted not in (None, *FORMATS):
        raise BadInput(f"serialization_format={wanted!r} is unknown; use {', '.join(FORMATS)}")
    if wanted in (None, "skops"):
        path = folder / _FILES["skops"]
        refused = _try_skops(model, path, set(trusted or ()))
        if refused is None:
            return "skops", _untrusted(path)
        path.unlink(missing_ok=True)
        if wanted == "skops":
            raise BadInput(
                f"skops cannot vouch for this model: {refused}; name its types in "
                "skops_trusted_types, or leave serialization_format out to use cloudpickle"
            )
    form = wanted or "cloudpickle"
    with (folder / _FILES[form]).open("wb") as stream:
        writer: Any = pickle if form == "pickle" else cloudpickle
        try:
            writer.dump(model, stream)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise BadInput(f"{type(model).__name__} cannot be pickled: {error}") from error
    return form, []


def _try_skops(model: Any, path: Path, trusted: set[str]) -> str | None:
    """Write the file; say why it cannot be vouched for, None if it can."""
    try:
        skops.io.dump(model, path, compression=zipfile.ZIP_STORED)
    except (UnsupportedTypeException, TypeError, ValueError, AttributeError) as error:
        return str(error)
    left = [name for name in _unvouched(path) if name not in trusted]
    return f"it holds {', '.join(left)}" if left else None


def _unvouched(path: Path) -> list[str]:
    found = _untrusted(path)
    if TREE in found and sklearn_trees.sound(path):
        found.remove(TREE)
    return [name for name in found if name not in VOUCHED]


def _untrusted(path: Path) -> list[str]:
    """Return the types that skops itself does not vouch for. Raises: InvalidModel."""
    try:
        return [str(name) for name in skops.io.get_untrusted_types(file=path)]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, ImportError) as error:
        raise InvalidModel(f"{path.name} is no skops file: {error}") from error


def _place(folder: Path, model: MLmodel) -> tuple[str, Path]:
    fields = model.flavors.get("sklearn", {})
    name = fields.get("pickled_model") or model.pyfunc.get("model_path")
    if not isinstance(name, str):
        raise InvalidModel("MLmodel does not say where the scikit-learn model is (pickled_model)")
    form = fields.get("serialization_format") or "pickle"
    if form not in FORMATS:
        raise InvalidModel(f"MLmodel names an unknown serialization_format {form!r}")
    return form, inside(folder, name)


def _modules(path: Path, form: str) -> tuple[str, ...]:
    """Return the top-level modules that the file names."""
    in_skops = form == "skops"
    names = _untrusted(path) if in_skops else {*pickles.names(path), *pickles.strings(path)}
    return tuple(sorted({name.partition(".")[0] for name in names if name.isascii()}))


FLAVOR = SklearnFlavor()
