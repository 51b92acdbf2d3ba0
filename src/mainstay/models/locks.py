"""The lock of a model: exact pins as recorded when it was saved, with hashes added later.

A folder's lock gets its hashes in place, and the manifest with it. The files of a registered
version never change, so the registry keeps the hashed lock as evidence of the kind ``lock``; it is
used only while its pins are those of the files, so that nobody can slip in others.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from mainstay.entities.release import Evidence
from mainstay.environments import locking, requirements
from mainstay.models.sources import ModelStores, Resolved
from mainstay.packaging import environment_files, manifest
from mainstay.packaging.environment_files import ModelEnvironment

KIND = "lock"
Where = Literal["the registry", "the folder", "nowhere"]


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """A lock's lines, whether each carries hashes, and where they are kept."""

    lines: list[str]
    hashed: bool
    python: str
    where: Where = "nowhere"


def read(folder: Path, resolved: Resolved, stores: ModelStores | None = None) -> Lock:
    """Return a model's lock with the hashes that are known.

    A model without one (another tool saved it) has the pins of what is installed here.
    Raises: InvalidModel (its files).
    """
    environment = environment_files.read(folder)
    lines = environment.lock or requirements.lock(environment.requirements)
    if locking.is_hashed(lines):
        return Lock(lines=lines, hashed=True, python=environment.python, where="the folder")
    found = _recorded(resolved, stores)
    if found is not None and sorted(locking.pins(found)) == sorted(lines):
        return Lock(lines=found, hashed=True, python=environment.python, where="the registry")
    return Lock(lines=lines, hashed=False, python=environment.python)


def add_hashes(folder: Path, resolved: Resolved, stores: ModelStores | None = None) -> Lock:
    """Return the lock with hashes, asked of the index and kept unless they are there already.

    Raises: Unavailable (no index), BadInput (it does not have a pin), InvalidModel.
    """
    known = read(folder, resolved, stores)
    if known.hashed:
        return known
    lines = locking.with_hashes(known.lines, known.python)
    return replace(known, lines=lines, hashed=True, where=_keep(lines, folder, resolved, stores))


def environment(folder: Path, resolved: Resolved, stores: ModelStores) -> ModelEnvironment:
    """Return what a model needs, its lock with the hashes that are known."""
    found = environment_files.read(folder)
    return replace(found, lock=read(folder, resolved, stores).lines) if found.lock else found


def _keep(lines: list[str], folder: Path, resolved: Resolved, stores: ModelStores | None) -> Where:
    if resolved.name is not None and resolved.version is not None and stores is not None:
        text = "\n".join(lines)
        seed = f"{resolved.name}\n{resolved.version}\n{resolved.digest}\n{text}"
        stores.release.record_evidence(
            [
                Evidence(
                    evidence_id=f"lock-{hashlib.sha256(seed.encode()).hexdigest()[:32]}",
                    name=resolved.name,
                    version=resolved.version,
                    version_digest=resolved.digest,
                    kind=KIND,
                    values={"lock": text, "packages": len(lines)},
                )
            ]
        )
        return "the registry"
    if resolved.origin != "elsewhere":
        return "nowhere"  # a logged model's files, which a version may hold
    had_manifest = manifest.read(folder) is not None
    (folder / environment_files.LOCK).write_text("\n".join(lines) + "\n", encoding="utf-8")
    if had_manifest:
        manifest.write(folder)
    return "the folder"


def _recorded(resolved: Resolved, stores: ModelStores | None) -> list[str] | None:
    if stores is None or resolved.name is None or resolved.version is None:
        return None
    for item in reversed(stores.release.list_evidence(resolved.name, resolved.version)):
        text = item.values.get("lock")
        if item.kind == KIND and item.version_digest == resolved.digest and isinstance(text, str):
            return environment_files.lines(text)
    return None
