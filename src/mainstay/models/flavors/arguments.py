"""What flavors do with options of ``save_model`` and with parameters of ``predict``."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors.base import Predict
from mainstay.packaging.mlmodel import MLmodel, inside

log = logging.getLogger(__name__)


def check_options(flavor: str, options: Mapping[str, Any], known: Iterable[str] = ()) -> None:
    """Refuse options that the flavor does not have. Raises: BadInput."""
    if unknown := sorted(set(options) - set(known)):
        raise BadInput(f"the {flavor} flavor has no option {', '.join(unknown)}")


def choice(name: str, given: Any, known: Iterable[str], default: str) -> str:
    """Return ``given``, or the default for None. Raises: BadInput if it is not known."""
    if given is None:
        return default
    names = tuple(known)
    if given not in names:
        raise BadInput(f"{name}={given!r} is unknown; use {', '.join(names)}")
    return str(given)


def data_file(flavor: str, folder: Path, model: MLmodel) -> Path:
    """Return the model's own file, which the fields ``data`` of MLmodel name.

    Raises:
        InvalidModel: they name none, or one that is missing or outside ``folder``.
    """
    name = model.flavors.get(flavor, {}).get("data") or model.pyfunc.get("data")
    if not isinstance(name, str):
        raise InvalidModel(f"MLmodel does not say where the {flavor} model is (data)")
    return inside(folder, name)


def with_params(flavor: str, method: Callable[..., Any]) -> Predict:
    """Return ``predict(data, params)`` that hands on the parameters which ``method`` takes.

    The others are passed over with one line of notice, as in MLflow.
    """
    signature = inspect.signature(method).parameters
    takes = {name for name, found in signature.items() if found.kind in _NAMED}
    noticed: set[str] = set()

    def predict(data: Any, params: dict[str, Any]) -> Any:
        if not params:
            return method(data)
        if left := set(params) - takes - noticed:
            noticed.update(left)
            log.warning("%s does not take %s; passed over", flavor, ", ".join(sorted(left)))
        return method(data, **{name: value for name, value in params.items() if name in takes})

    return predict


_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
