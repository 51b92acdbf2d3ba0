"""Choose the interpreter that runs a model: this one, or one that uv built for it."""

from __future__ import annotations

import sys
from pathlib import Path

from mainstay.environments import uv
from mainstay.errors import BadInput

MANAGERS = ("local", "uv")


def check(manager: str) -> None:
    """Refuse an unknown manager. Raises: BadInput."""
    if manager not in MANAGERS:
        raise BadInput(f"unknown environment manager {manager!r}; known: {', '.join(MANAGERS)}")


def python_for_model(folder: Path, manager: str) -> Path:
    """Return the interpreter for the model in ``folder``: ``local`` is the running one.

    Raises:
        BadInput: an unknown manager. MainstayError: the environment cannot be built.
    """
    check(manager)
    return Path(sys.executable) if manager == "local" else uv.python_for_model(folder)
