"""Build a virtual environment with uv and keep it: the same contents are built once.

An environment is named by the digest of what it holds: Python version, requirement lines and the
running ``mainstay``. It is built beside its place and renamed, so that what is there is complete.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from mainstay import settings
from mainstay.environments import requirements, wheel
from mainstay.errors import BadInput, MainstayError
from mainstay.packaging import environment_files
from mainstay.packaging.environment_files import ModelEnvironment

TIMEOUT = 1800.0
"""Seconds that one step of a build may take."""


def python_for(folder: Path, python_env: str | None = None) -> Path:
    """Return the interpreter of the environment that a project folder asks for, built if needed.

    ``python_env`` names its ``python_env.yaml``; without one, ``requirements.txt`` in the folder.
    Raises: BadInput (files that cannot be read, no uv), MainstayError (the build failed).
    """
    if python_env is None:
        lines = _lines_of(folder, ["-r requirements.txt"]) if _has(folder) else []
        return build(ModelEnvironment(python=platform.python_version(), requirements=lines))
    path = folder / python_env
    try:
        form = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    if not isinstance(form, dict):
        raise BadInput(f"{path} is not a mapping with python, build_dependencies and dependencies")
    python = str(form.get("python") or platform.python_version())
    listed = [str(line) for line in form.get("dependencies") or []]
    return build(ModelEnvironment(python=python, requirements=_lines_of(path.parent, listed)))


def python_for_model(folder: Path) -> Path:
    """Return the interpreter for the model in ``folder``: its lock, else its requirements.

    Raises: as ``python_for``.
    """
    return build(environment_files.read(folder))


def build(environment: ModelEnvironment) -> Path:
    """Return the interpreter of an environment with these contents and the running mainstay.

    Raises:
        BadInput: uv is not installed.
        MainstayError: a step failed; its output says why.
    """
    tool = uv()
    lines = environment.lock or environment.requirements
    lines = [line for line in lines if requirements.normal(_name(line)) not in requirements.OWN]
    text = "\n".join([environment.python, *lines, wheel.fingerprint()])
    root = settings.CACHE_DIR.get().parent / "environments"
    place = root / hashlib.sha256(text.encode()).hexdigest()[:32]
    if _python(place).exists():
        return _python(place)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = root / f".{place.name}.{secrets.token_hex(4)}"
    try:
        packed = wheel.build(partial / "wheels")
        listed = partial / "requirements.txt"
        listed.write_text("\n".join([*lines, str(packed)]) + "\n", encoding="utf-8")
        made = partial / "venv"
        python = _interpreter(environment.python)
        run([tool, "venv", "--quiet", "--relocatable", "--python", python, str(made)])
        run([tool, "pip", "install", "--quiet", "--python", str(_python(made)), "-r", str(listed)])
        os.replace(made, place)
    except OSError:
        # Somebody else built the same one meanwhile.
        if not _python(place).exists():
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return _python(place)


def uv() -> str:
    """Return the path of the uv program. Raises: BadInput if there is none."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise BadInput(
            "--env-manager uv needs the program uv: pip install uv; or use --env-manager local"
        )
    return found


def _interpreter(version: str) -> str:
    """Prefer the running interpreter where its minor version is the one asked for."""
    wanted = version.split(".")[:2]
    return sys.executable if wanted == platform.python_version().split(".")[:2] else version


def run(command: Sequence[str]) -> None:
    """Run a step of uv. Raises: MainstayError, with what it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired as error:
        raise MainstayError(f"uv did not end within {TIMEOUT:.0f} s") from error
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise MainstayError(f"the environment could not be built: {said[-2000:]}")


def _python(place: Path) -> Path:
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _has(folder: Path) -> bool:
    return (folder / environment_files.REQUIREMENTS).is_file()


def _lines_of(folder: Path, listed: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for line in listed:
        if line.startswith(("-r ", "--requirement ")):
            lines += requirements.read(folder / line.split(maxsplit=1)[1])
        else:
            requirements.check(line)
            lines.append(line)
    return lines


def _name(line: str) -> str:
    return line.split("==")[0].split("[")[0].strip()
