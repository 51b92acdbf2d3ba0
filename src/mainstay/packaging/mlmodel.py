"""The file ``MLmodel``: what a model folder holds, in MLflow's YAML, unknown fields kept.

Only what mainstay acts on has a name here; everything else is carried along as it came, so that
a file that is read and written again loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import yaml

from mainstay.errors import InvalidModel
from mainstay.packaging.signature import ModelSignature

FILE = "MLmodel"
PYFUNC = "python_function"
WRITTEN_FOR = "3.17.2"
"""The MLflow version whose format is written; stock loaders compare it with their own."""

MAX_BYTES = 16 << 20


class MLmodel(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of ``MLmodel`` as they stand in the file.

    ``flavors`` maps a flavor's name to its fields. Change by ``msgspec.structs.replace``.
    """

    flavors: dict[str, dict[str, Any]]
    signature: ModelSignature | None = None
    artifact_path: str | None = None
    run_id: str | None = None
    model_id: str | None = None
    model_uuid: str | None = None
    utc_time_created: str | None = None
    mlflow_version: str | None = WRITTEN_FOR
    model_size_bytes: int | None = None
    saved_input_example_info: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    other: dict[str, Any] = {}

    @property
    def pyfunc(self) -> Mapping[str, Any]:
        """The fields of the generic flavor ``python_function``; empty where it is missing."""
        return self.flavors.get(PYFUNC, {})

    @property
    def loader_module(self) -> str:
        """The module that loads it as a generic function ("mlflow.sklearn"), or ""."""
        return str(self.pyfunc.get("loader_module") or "")

    def to_yaml(self) -> str:
        """Return the text of the file, keys sorted as MLflow sorts them."""
        form: dict[str, Any] = dict(self.other)
        for name in _NAMED:
            value = getattr(self, name)
            if value is not None or name in _ALWAYS:
                form[name] = value
        form["flavors"] = self.flavors
        if self.signature is not None:
            form["signature"] = self.signature.to_dict()
            form.setdefault("is_signature_from_type_hint", False)
            form.setdefault("type_hint_from_example", False)
        form.setdefault("prompts", None)
        text: str = yaml.safe_dump(form, allow_unicode=True, default_flow_style=False)
        return text


_NAMED = (
    "artifact_path",
    "run_id",
    "model_id",
    "model_uuid",
    "utc_time_created",
    "mlflow_version",
    "model_size_bytes",
    "saved_input_example_info",
    "metadata",
)
_ALWAYS = frozenset({"model_id", "model_size_bytes"})


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that leaves dates as text, as MLflow's files mean them."""


_Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str) -> MLmodel:
    """Read the text of an ``MLmodel`` file.

    Raises:
        InvalidModel: it is not YAML, or lacks flavors, or a field has another shape.
    """
    try:
        form = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise InvalidModel(f"the MLmodel file is not YAML: {_where(error)}") from error
    if not isinstance(form, dict) or not isinstance(form.get("flavors"), dict):
        raise InvalidModel("the MLmodel file has no 'flavors'; it does not describe a model")
    form = {str(key): value for key, value in form.items()}
    flavors = {str(name): dict(found or {}) for name, found in form.pop("flavors").items()}
    signature = form.pop("signature", None)
    known = {name: form.pop(name) for name in _NAMED if name in form}
    try:
        read = msgspec.convert({**known, "flavors": flavors, "other": form}, MLmodel, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidModel(f"the MLmodel file cannot be read: {error}") from error
    if signature is None:
        return read
    if not isinstance(signature, dict):
        raise InvalidModel("the signature in the MLmodel file is not a mapping")
    return msgspec.structs.replace(read, signature=ModelSignature.from_dict(signature))


def read(folder: Path) -> MLmodel:
    """Read ``MLmodel`` in ``folder``.

    Raises:
        InvalidModel: it is not there or cannot be read.
    """
    path = folder / FILE
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidModel(f"{path} is larger than {MAX_BYTES >> 20} MiB; no MLmodel file is")
        return parse(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidModel(
            f"{folder} holds no MLmodel file; give the folder that save_model or log_model wrote"
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidModel(f"{path} is not UTF-8 text") from error


def write(folder: Path, model: MLmodel) -> None:
    """Write ``MLmodel`` into ``folder``."""
    (folder / FILE).write_text(model.to_yaml(), encoding="utf-8")


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file that MLmodel names, which must lie inside ``folder``.

    Raises:
        InvalidModel: it is absolute, climbs out, passes through a link or is missing.
    """
    pure = PurePosixPath(name.replace("\\", "/"))
    if not name or pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
        raise InvalidModel(f"the model names the file {name!r}, which is outside its folder")
    path = folder.joinpath(*pure.parts)
    if not path.exists():
        raise InvalidModel(f"the model names the file {name!r}, which is not in {folder}")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InvalidModel(f"the model's file {name!r} is a link out of its folder")
    return path


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "cannot be parsed"
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else str(problem)
