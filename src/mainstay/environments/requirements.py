"""Which distributions a model needs, with the exact versions that are installed here."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from mainstay.errors import BadInput

Installed = tuple[tuple[str, int], ...]

OWN = frozenset({"mainstay", "mlflow", "mlflow-skinny", "mlflow-tracing"})
"""Never listed: whoever loads the model brings the loader."""


def infer(modules: Iterable[str]) -> list[str]:
    """Return ``name==version`` for each distribution that holds one of the top-level modules.

    Modules of the standard library, and what no distribution holds, are passed over.
    """
    return list(_inferred(frozenset(modules), installed_now()))


@lru_cache(maxsize=64)
def _inferred(modules: frozenset[str], at: Installed) -> tuple[str, ...]:
    table = _distributions(at)
    found: set[str] = set()
    for module in modules:
        if module in sys.stdlib_module_names or not module.isidentifier():
            continue
        found.update(table.get(module, ()))
    pinned = {normal(name): version_of(name) for name in found}
    lines = (f"{name}=={version}" for name, version in pinned.items() if name not in OWN)
    return tuple(sorted(lines))


def lock(requirements: Iterable[str]) -> list[str]:
    """Return exact pins of the requirements and of all that they need, as installed here.

    Distributions that are not installed are passed over; hashes are not included.
    """
    return list(_locked(tuple(requirements), installed_now()))


def installed_now() -> Installed:
    """Return what changes when a distribution is installed, upgraded or removed.

    That is the import path with the times of its folders. What was read of the packages stays true
    as long as this is the same; reading their metadata again for each model takes a tenth of a
    second.
    """
    return tuple((folder, _changed(folder)) for folder in sys.path)


def _changed(folder: str) -> int:
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=64)
def _locked(requirements: tuple[str, ...], _: Installed) -> tuple[str, ...]:
    waiting = [parsed for text in requirements if (parsed := _parse(text)) is not None]
    seen: dict[str, str] = {}
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        key = (normal(requirement.name), frozenset(requirement.extras))
        if key in done or key[0] in OWN:
            continue
        done.add(key)
        try:
            distribution = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            continue
        seen[key[0]] = distribution.version
        waiting += _needs(distribution, requirement.extras)
    return tuple(f"{name}=={version}" for name, version in sorted(seen.items()))


def read(given: str | Path | Sequence[str]) -> list[str]:
    """Return requirement lines: from a list, or from a file in pip's syntax (nested with ``-r``).

    Raises:
        BadInput: the file is not there, or a line is no requirement.
    """
    if isinstance(given, str | Path):
        return _read_file(Path(given), depth=0)
    lines = [str(line).strip() for line in given]
    for line in lines:
        check(line)
    return [line for line in lines if line]


def check(line: str) -> None:
    """Refuse a line that is no requirement. Raises: BadInput."""
    if not line or line.startswith(("-", "#")) or "://" in line or "/" in line:
        return
    try:
        Requirement(line.partition(" #")[0])
    except InvalidRequirement as error:
        raise BadInput(f"{line!r} is no requirement: {error}") from error


def merge(requirements: Sequence[str], extra: Sequence[str]) -> list[str]:
    """Return both lists; a line of ``extra`` replaces one of the same name."""
    replaced = {normal(parsed.name) for line in extra if (parsed := _parse(line)) is not None}
    kept = [
        line
        for line in requirements
        if (parsed := _parse(line)) is None or normal(parsed.name) not in replaced
    ]
    return [*kept, *extra]


def normal(name: str) -> str:
    """Return the one spelling of a distribution's name.

    >>> normal("Scikit_Learn")
    'scikit-learn'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def version_of(name: str) -> str:
    """Return the installed version; a local part (``+cpu``) is left out, since no index has it."""
    return metadata.version(name).partition("+")[0]


def _read_file(path: Path, *, depth: int) -> list[str]:
    if depth > 8:
        raise BadInput(f"{path}: requirement files include one another without end")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BadInput(f"there is no requirements file {str(path)!r}") from error
    lines: list[str] = []
    for raw in text.splitlines():
        line = raw.partition(" #")[0].strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith(("-r ", "--requirement ")):
            lines += _read_file(path.parent / line.split(maxsplit=1)[1], depth=depth + 1)
            continue
        check(line)
        lines.append(line)
    return lines


def _parse(line: str) -> Requirement | None:
    try:
        return Requirement(line.partition(" #")[0].strip())
    except InvalidRequirement:
        return None


def _needs(distribution: metadata.Distribution, extras: Iterable[str]) -> list[Requirement]:
    """Return what a distribution needs on this machine, with these extras."""
    wanted = ["", *extras]
    needs = []
    for text in distribution.requires or ():
        parsed = _parse(text)
        if parsed is None:
            continue
        marker = parsed.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in wanted):
            needs.append(parsed)
    return needs


@lru_cache(maxsize=1)
def _distributions(_: Installed) -> dict[str, list[str]]:
    """Map top-level modules to the distributions that hold them."""
    return {module: list(names) for module, names in metadata.packages_distributions().items()}
