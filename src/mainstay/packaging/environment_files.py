"""The three environment files of a model folder, as MLflow writes and reads them.

``requirements.txt`` lists the packages, ``python_env.yaml`` the interpreter and build tools,
``conda.yaml`` both.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mainstay.errors import InvalidModel

REQUIREMENTS = "requirements.txt"
CONSTRAINTS = "constraints.txt"
PYTHON_ENV = "python_env.yaml"
CONDA = "conda.yaml"
LOCK = "mainstay_lock.txt"
"""Exact pins of the whole closure; MLflow passes it over."""

ENV_FIELD = {"conda": CONDA, "virtualenv": PYTHON_ENV}
"""The field ``env`` of the flavor python_function."""


class ModelEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """What a model needs: a Python version and requirement lines in pip's syntax."""

    python: str
    requirements: list[str]
    lock: list[str] = []


def write(
    folder: Path,
    requirements: Sequence[str],
    *,
    constraints: Sequence[str] = (),
    lock: Sequence[str] = (),
    conda_env: Mapping[str, Any] | None = None,
) -> None:
    """Write the files into ``folder``; ``conda_env`` replaces the content of conda.yaml."""
    lines = list(requirements)
    if constraints:
        lines.append(f"-c {CONSTRAINTS}")
        (folder / CONSTRAINTS).write_text("\n".join(constraints), encoding="utf-8")
    (folder / REQUIREMENTS).write_text("\n".join(lines), encoding="utf-8")
    if lock:
        (folder / LOCK).write_text("\n".join(lock) + "\n", encoding="utf-8")
    python = platform.python_version()
    pip = _version("pip")
    build = [f"pip=={pip}" if pip else "pip", _pinned("setuptools"), _pinned("wheel")]
    _dump(
        folder / PYTHON_ENV,
        {
            "python": python,
            "build_dependencies": build,
            "dependencies": [f"-r {REQUIREMENTS}"],
        },
        sort=False,
    )
    conda = conda_env or {
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": [
            f"python={python}",
            f"pip<={pip}" if pip else "pip",
            {"pip": lines},
        ],
    }
    _dump(folder / CONDA, dict(conda), sort=True)


def read(folder: Path) -> ModelEnvironment:
    """Read what the model in ``folder`` needs; any of the files may be missing.

    Raises:
        InvalidModel: a file is there and cannot be read.
    """
    python = _load(folder / PYTHON_ENV).get("python")
    conda = _load(folder / CONDA).get("dependencies") or []
    requirements = _lines(folder / REQUIREMENTS)
    for item in conda if isinstance(conda, list) else []:
        if isinstance(item, dict) and not requirements:
            requirements = [str(line) for line in item.get("pip") or []]
        if isinstance(item, str) and item.startswith("python=") and python is None:
            python = item.split("=")[-1]
    return ModelEnvironment(
        python=str(python or platform.python_version()),
        requirements=requirements,
        lock=_lines(folder / LOCK),
    )


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; {} where there is none. Raises: InvalidModel."""
    return _load(path)


def lines(text: str) -> list[str]:
    """Return the requirement lines of a text; a line that goes on (``\\``) is one."""
    joined = text.replace("\\\n", " ")
    stripped = (" ".join(line.split()) for line in joined.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def python_of(text: str) -> str | None:
    """Return the version that the text of a ``python_env.yaml`` names. Raises: InvalidModel."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidModel(f"{PYTHON_ENV} is not YAML: {error}") from error
    return str(found["python"]) if isinstance(found, dict) and found.get("python") else None


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return lines(path.read_text(encoding="utf-8", errors="replace"))


def _load(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidModel(f"{path.name} is not YAML: {error}") from error
    if not isinstance(found, dict):
        raise InvalidModel(f"{path.name} is not a mapping")
    return found


def _dump(path: Path, form: Mapping[str, Any], *, sort: bool) -> None:
    text = yaml.safe_dump(dict(form), sort_keys=sort, default_flow_style=False)
    path.write_text(text, encoding="utf-8")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _pinned(name: str) -> str:
    found = _version(name)
    return f"{name}=={found}" if found else name
