"""Python estimators in files: skops where every type can be vouched for, else cloudpickle.

Shared by the flavors whose models are Python objects with scikit-learn's interface.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import cloudpickle
import skops.io
from skops.io.exceptions import UnsupportedTypeException

from mainstay.errors import BadInput, InvalidModel
from mainstay.models import archives, pickles

FORMATS = ("skops", "cloudpickle", "pickle")
FILES = {"skops": "model.skops", "cloudpickle": "model.pkl", "pickle": "model.pkl"}

Unvouched = Callable[[Path], list[str]]
"""Returns the types in a skops file that nobody vouches for."""


def write(
    model: Any,
    folder: Path,
    wanted: str | None,
    trusted: list[str] | None,
    unvouched: Unvouched,
) -> tuple[str, list[str]]:
    """Write the model; return the format and the types that a reader must trust.

    ``wanted`` None chooses: skops if all its types are vouched for or ``trusted``.
    Raises: BadInput.
    """
    if wanted not in (None, *FORMATS):
        raise BadInput(f"serialization_format={wanted!r} is unknown; use {', '.join(FORMATS)}")
    if wanted in (None, "skops"):
        path = folder / FILES["skops"]
        refused = _try_skops(model, path, set(trusted or ()), unvouched)
        if refused is None:
            return "skops", untrusted(path)
        path.unlink(missing_ok=True)
        if wanted == "skops":
            raise BadInput(
                f"skops cannot vouch for this model: {refused}; name its types in "
                "skops_trusted_types, or leave serialization_format out to use cloudpickle"
            )
    form = wanted or "cloudpickle"
    with (folder / FILES[form]).open("wb") as stream:
        writer: Any = pickle if form == "pickle" else cloudpickle
        try:
            writer.dump(model, stream)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise BadInput(f"{type(model).__name__} cannot be pickled: {error}") from error
    return form, []


def asks(path: Path, form: str, unvouched: Unvouched) -> tuple[str, ...]:
    """Return the types of a skops file that are not vouched for, or what a pickle imports."""
    if form == "skops":
        return tuple(unvouched(path))
    return tuple(f"{name} ({form})" for name in pickles.names(path)) or (f"a {form}",)


def load(path: Path, form: str) -> Any:
    """Return the estimator; ``asks`` was answered before. Raises: InvalidModel."""
    if form == "skops":
        try:
            return skops.io.load(path, trusted=untrusted(path))
        except ModuleNotFoundError as error:
            raise InvalidModel(
                f"the model needs the module {error.name!r}, which is not installed here; install "
                "what its requirements.txt lists, or use --env-manager uv"
            ) from error
    with path.open("rb") as stream:
        try:
            return pickles.load(stream)
        except (pickle.UnpicklingError, EOFError) as error:
            raise InvalidModel(f"{path.name} is no pickle: {error}") from error


def untrusted(path: Path) -> list[str]:
    """Return the types that skops itself does not vouch for. Raises: InvalidModel."""
    found = path.stat()
    return list(_untrusted(path, found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=16)
def _untrusted(path: Path, _changed: int, _size: int) -> tuple[str, ...]:
    """Return the same; asked for twice a load, and reading a forest takes a tenth of a second."""
    archives.check(path)
    try:
        return tuple(str(name) for name in skops.io.get_untrusted_types(file=path))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, ImportError) as error:
        raise InvalidModel(f"{path.name} is no skops file: {error}") from error


def modules(path: Path, form: str) -> tuple[str, ...]:
    """Return the top-level modules that the file names, and the one that writes it."""
    if form == "skops":
        names = set(untrusted(path))
    else:
        names = {*pickles.names(path), *pickles.strings(path)}
    writer = {"skops": ("skops",), "cloudpickle": ("cloudpickle",), "pickle": ()}[form]
    return (*writer, *sorted({name.partition(".")[0] for name in names if name.isascii()}))


def _try_skops(model: Any, path: Path, trusted: set[str], unvouched: Unvouched) -> str | None:
    """Write the file; say why it cannot be vouched for, None if it can."""
    try:
        skops.io.dump(model, path, compression=zipfile.ZIP_STORED)
    except (UnsupportedTypeException, TypeError, ValueError, AttributeError) as error:
        return str(error)
    left = [name for name in unvouched(path) if name not in trusted]
    return f"it holds {', '.join(left)}" if left else None
