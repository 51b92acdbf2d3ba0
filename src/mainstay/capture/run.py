"""The tags and files that every run gets by itself."""

from __future__ import annotations

import platform
import socket
import sys
from functools import lru_cache
from pathlib import Path

from mainstay import settings
from mainstay.capture import git, packages, source
from mainstay.client import defaults

ENVIRONMENT = "environment/requirements.txt"
"""The artifact that lists interpreter and packages."""


def tags() -> dict[str, str]:
    """Return the tags of a new run: MLflow's names, and beside them those an audit asks for.

    ``owner`` is who answers for the run; ``git_sha`` the commit; ``pipeline_id`` what started it.
    ``data_version`` is added by the first data set that is logged.
    """
    name, kind = source.source()
    found = {
        "mlflow.user": defaults.user(),
        "mlflow.source.name": name,
        "mlflow.source.type": kind,
        "owner": settings.OWNER.get() or defaults.user(),
        **source.pipeline(),
        **machine(),
    }
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
        "mainstay.host": socket.gethostname(),
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


_dirty: dict[Path, bool | None] = {}


@lru_cache(maxsize=1)
def environment() -> str:
    """Return the environment's requirements file."""
    return packages.requirements()


@lru_cache(maxsize=8)
def _checkout(folder: Path) -> git.Checkout | None:
    return git.checkout(folder)
