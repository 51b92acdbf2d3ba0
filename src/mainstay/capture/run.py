"""The tags and files that every run gets by itself."""

from __future__ import annotations

import platform
import sys
from functools import lru_cache
from pathlib import Path

from mainstay import settings
from mainstay.capture import command, diff, git, locks, packages, source
from mainstay.client import defaults

ENVIRONMENT = "environment/requirements.txt"
"""The artifact that lists interpreter and packages; a lock file is put beside it."""

CHANGES = "code/uncommitted.patch"
"""The artifact that holds what differs from the commit."""


def tags() -> dict[str, str]:
    """Return the tags of a new run: MLflow's names, and beside them those an audit asks for.

    ``owner`` is who answers for the run; ``git_sha`` the commit; ``pipeline_id`` what started it.
    ``data_version`` is added by the first data set that is logged.
    """
    name, kind = source.source()
    found = {
        **settings.CONTEXT.get(),
        "mlflow.user": defaults.user(),
        "mlflow.source.name": name,
        "mlflow.source.type": kind,
        "owner": settings.OWNER.get() or defaults.user(),
        **source.pipeline(),
        **machine(),
        "mainstay.command": command.command(),
    }
    if settings.PIPELINE_ID.get():
        found["pipeline_id"] = settings.PIPELINE_ID.get() or ""
    here = code()
    if here is not None:
        found["mlflow.source.git.commit"] = found["git_sha"] = here.commit
        if here.branch:
            found["mlflow.source.git.branch"] = here.branch
        if here.remote:
            found["mlflow.source.git.repoURL"] = here.remote
    return found


@lru_cache(maxsize=1)
def machine() -> dict[str, str]:
    """Return where it runs."""
    return {
        "mainstay.host": platform.node(),
        "mainstay.python": platform.python_version(),
        "mainstay.platform": f"{sys.platform}-{platform.machine()}",
    }


def code() -> git.Checkout | None:
    """Return the checkout of the code that runs, read once a folder."""
    return _checkout(source.folder())


def dirty() -> str | None:
    """Return ``true`` or ``false``: whether tracked files differ from the commit; None: unknown.

    Asks git, once a process: what runs was read when it started.
    """
    here = code()
    if here is None:
        return None
    if here.root not in _dirty:
        _dirty[here.root] = git.is_dirty(here.root)
    answer = _dirty[here.root]
    return None if answer is None else str(answer).lower()


def dirty_is_known() -> bool:
    """Say whether ``dirty`` answers without asking git."""
    here = code()
    return here is None or here.root in _dirty


def changes() -> diff.Patch | None:
    """Return how the code differs from its commit, asked once a process; None: not, or unknown."""
    here = code()
    if here is None or dirty() != "true" or not settings.CAPTURE_DIFF.get():
        return None
    if here.root not in _changes:
        _changes[here.root] = diff.patch(here.root)
    return _changes[here.root]


def lock() -> Path | None:
    """Return the lock file of the project that runs, if it has one."""
    here = code()
    return locks.lock(source.folder(), top=here.root if here is not None else None)


_dirty: dict[Path, bool | None] = {}
_changes: dict[Path, diff.Patch | None] = {}


@lru_cache(maxsize=1)
def environment() -> str:
    """Return the environment's requirements file."""
    return packages.requirements()


@lru_cache(maxsize=8)
def _checkout(folder: Path) -> git.Checkout | None:
    return git.checkout(folder)
