"""Read an MLproject file: entry points, their parameters, and the environment they want.

Format: MLflow's MLproject (YAML). A folder without one is a project too: its entry points are the
``.py`` and ``.sh`` files in it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from mainstay.errors import BadInput

ParameterType = Literal["string", "float", "path", "uri"]
PARAMETER_TYPES: tuple[ParameterType, ...] = ("string", "float", "path", "uri")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_RUNNERS = {".py": "python", ".sh": "bash", ".R": "Rscript"}


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of an entry point; without a default it must be given."""

    name: str
    kind: ParameterType = "string"
    default: str | None = None


class EntryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A command with ``{parameter}`` placeholders."""

    name: str
    command: str
    parameters: dict[str, Parameter] = {}


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project on disk. Of the environment files at most one is given, relative to ``folder``."""

    folder: str
    name: str = ""
    entry_points: dict[str, EntryPoint] = {}
    python_env: str | None = None
    conda_env: str | None = None
    docker_env: dict[str, Any] | None = None

    def entry_point(self, name: str) -> EntryPoint:
        """Return an entry point, or a script of the folder run as one.

        Raises:
            BadInput: the project has neither.
        """
        if name in self.entry_points:
            return self.entry_points[name]
        script = Path(self.folder) / name
        runner = _RUNNERS.get(script.suffix)
        if runner and script.is_file():
            return EntryPoint(name=name, command=f"{runner} {shlex.quote(name)}")
        known = ", ".join(sorted(self.entry_points)) or "none"
        raise BadInput(
            f"project {self.folder} has no entry point {name!r}; it names: {known}. "
            "A .py, .sh or .R file of the folder may be given too."
        )


def read(folder: Path) -> Project:
    """Read the project in ``folder``.

    Raises:
        BadInput: the folder is missing, or its MLproject file is not a valid one.
    """
    if not folder.is_dir():
        raise BadInput(f"project folder {folder} does not exist")
    file = next(
        (path for path in sorted(folder.iterdir()) if path.name.lower() == "mlproject"), None
    )
    text = _load(file) if file else {}
    entries = {
        name: _entry_point(file, name, body)
        for name, body in _mapping(file, "entry_points", text.get("entry_points")).items()
    }
    environments: dict[str, Any] = {
        key: text[key] for key in ("python_env", "conda_env", "docker_env") if key in text
    }
    if len(environments) > 1:
        raise BadInput(f"{file} names {' and '.join(environments)}; keep one of them")
    for key in ("python_env", "conda_env"):
        if key in environments and not (folder / str(environments[key])).is_file():
            raise BadInput(f"{file}: {key} names {environments[key]!r}, which is not in {folder}")
    if not environments:
        environments = _conventional(folder)
    return Project(
        folder=str(folder), name=str(text.get("name", "")), entry_points=entries, **environments
    )


def command(entry: EntryPoint, values: Mapping[str, str]) -> str:
    """Return the shell command of an entry point: every value quoted, the rest as ``--key value``.

    Raises:
        BadInput: a parameter without a default is missing, or a float is not a number.
    """
    known: dict[str, str] = {}
    for parameter in entry.parameters.values():
        value = values.get(parameter.name, parameter.default)
        if value is None:
            raise BadInput(
                f"entry point {entry.name!r} needs the parameter {parameter.name!r}; "
                f"give -P {parameter.name}=VALUE"
            )
        if parameter.kind == "float":
            _number(entry, parameter.name, value)
        known[parameter.name] = shlex.quote(value)
    missing = [name for name in _PLACEHOLDER.findall(entry.command) if name not in known]
    if missing:
        raise BadInput(
            f"the command of entry point {entry.name!r} uses {{{missing[0]}}}, "
            "which is not among its parameters"
        )
    text = _PLACEHOLDER.sub(lambda match: known[match.group(1)], entry.command)
    extra = [f"--{key} {shlex.quote(value)}" for key, value in values.items() if key not in known]
    return " ".join([text, *extra])


def resolved(entry: EntryPoint, values: Mapping[str, str]) -> dict[str, str]:
    """Return every parameter with the value it gets: the given ones and the defaults."""
    defaults = {p.name: p.default for p in entry.parameters.values() if p.default is not None}
    return {**defaults, **values}


def _load(file: Path) -> dict[str, Any]:
    try:
        text = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} is not valid YAML: {error}") from error
    return _mapping(file, "the file", text)


def _mapping(file: Path | None, what: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput(f"{file}: {what} must be a mapping, not {type(value).__name__}")
    return value


def _entry_point(file: Path | None, name: str, body: Any) -> EntryPoint:
    fields = _mapping(file, f"entry point {name!r}", body)
    if not isinstance(fields.get("command"), str):
        raise BadInput(f"{file}: entry point {name!r} needs a command")
    parameters = {
        str(key): _parameter(file, name, str(key), value)
        for key, value in _mapping(file, "parameters", fields.get("parameters")).items()
    }
    return EntryPoint(name=name, command=fields["command"], parameters=parameters)


def _parameter(file: Path | None, entry: str, name: str, value: Any) -> Parameter:
    fields = (
        {"type": value} if isinstance(value, str) else _mapping(file, f"parameter {name!r}", value)
    )
    kind = next((known for known in PARAMETER_TYPES if known == fields.get("type", "string")), None)
    if kind is None:
        raise BadInput(
            f"{file}: parameter {name!r} of {entry!r} has the type {fields['type']!r}; "
            f"known are {', '.join(PARAMETER_TYPES)}"
        )
    default = fields.get("default")
    return Parameter(name=name, kind=kind, default=None if default is None else str(default))


def _conventional(folder: Path) -> dict[str, Any]:
    for key, name in (("python_env", "python_env.yaml"), ("conda_env", "conda.yaml")):
        if (folder / name).is_file():
            return {key: name}
    return {}


def _number(entry: EntryPoint, name: str, value: str) -> None:
    try:
        float(value)
    except ValueError as error:
        raise BadInput(
            f"parameter {name!r} of {entry.name!r} is a float, and {value!r} is not a number"
        ) from error
