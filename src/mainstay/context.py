"""Who is the active run, in which experiment, on which server.

The stack of active runs is a context variable: threads and tasks have their own. The experiment
and the addresses hold for the process; set in the environment too, so that children inherit them.
"""

from __future__ import annotations

import os
from contextvars import ContextVar, Token
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from mainstay import settings
from mainstay.client.defaults import DEFAULT_EXPERIMENT, DEFAULT_TRACKING_URI

if TYPE_CHECKING:
    from mainstay.fluent.active import ActiveRun

_STACK: ContextVar[tuple[ActiveRun, ...]] = ContextVar("mainstay_active_runs", default=())

_active_model: ContextVar[str | None] = ContextVar("mainstay_active_model", default=None)

_tracking_uri: str | None = None
_registry_uri: str | None = None
_experiment: tuple[str | None, str | None] = (None, None)
_last: ActiveRun | None = None
_begun: WeakSet[ActiveRun] = WeakSet()


# -- runs ------------------------------------------------------------------------------------
def active() -> ActiveRun | None:
    """Return the innermost active run of this thread or task."""
    stack = _STACK.get()
    return stack[-1] if stack else None


def stack() -> tuple[ActiveRun, ...]:
    """Return the active runs, outermost first."""
    return _STACK.get()


def begun() -> list[ActiveRun]:
    """Return the runs of every thread that were active and are still referred to."""
    return list(_begun)


def push(run: ActiveRun) -> None:
    """Make a run the active one."""
    global _last
    _STACK.set((*_STACK.get(), run))
    _last = run
    _begun.add(run)


def pop(run: ActiveRun | None = None) -> ActiveRun | None:
    """Take the active run (or this one, with all above it) off, and return it."""
    stack = _STACK.get()
    if not stack:
        return None
    index = stack.index(run) if run in stack else len(stack) - 1
    _STACK.set(stack[:index])
    return stack[index]


def last() -> ActiveRun | None:
    """Return the run that was active last in this process, ended or not."""
    return _last


# -- the model that metrics are about --------------------------------------------------------
def active_model() -> str | None:
    """Return the id of the logged model that new metrics are about, None if there is none."""
    return _active_model.get()


def set_active_model(model_id: str | None) -> Token[str | None]:
    """Choose it, for this thread or task; the token takes the choice back."""
    return _active_model.set(model_id)


def reset_active_model(token: Token[str | None]) -> None:
    """Take a choice back."""
    _active_model.reset(token)


# -- addresses -------------------------------------------------------------------------------
def tracking_uri() -> str:
    """Return where runs go; a relative SQLite path is made absolute."""
    return absolute(_tracking_uri or settings.TRACKING_URI.get() or DEFAULT_TRACKING_URI)


def set_tracking_uri(uri: str | None) -> None:
    """Send runs of this process, and of its children, elsewhere; None goes back to the default."""
    global _tracking_uri, _experiment
    before = tracking_uri()
    _tracking_uri = absolute(uri) if uri else None
    settings.TRACKING_URI.set(_tracking_uri)
    if tracking_uri() != before:
        _, name = _experiment
        # An id means another experiment on another server; a name still means the same thing.
        _experiment = (None, name) if name else (None, None)


def registry_uri() -> str:
    """Return where models are registered: with the runs, unless set otherwise."""
    return absolute(_registry_uri or settings.REGISTRY_URI.get() or tracking_uri())


def set_registry_uri(uri: str | None) -> None:
    """Register models elsewhere; None goes back to the tracking address."""
    global _registry_uri
    _registry_uri = absolute(uri) if uri else None
    settings.REGISTRY_URI.set(_registry_uri)


def absolute(uri: str) -> str:
    """Return an address that means the same in any folder.

    >>> absolute("http://localhost:5000/")
    'http://localhost:5000'
    """
    uri = str(uri)
    if uri.startswith(("http://", "https://")):
        return uri.rstrip("/")
    if uri.startswith("sqlite:///") and uri not in ("sqlite:///", "sqlite:///:memory:"):
        path = uri.removeprefix("sqlite:///")
        return f"sqlite:///{os.path.abspath(path)}"
    if "://" not in uri and Path(uri).suffix in (".db", ".sqlite", ".sqlite3"):
        return f"sqlite:///{os.path.abspath(uri)}"
    return uri


# -- the experiment --------------------------------------------------------------------------
def experiment() -> tuple[str | None, str | None]:
    """Return the id (None while only the name is known) and name of the experiment of new runs."""
    experiment_id, name = _experiment
    if experiment_id or name:
        return experiment_id, name
    if settings.EXPERIMENT_NAME.get():
        return None, settings.EXPERIMENT_NAME.get()
    if settings.EXPERIMENT_ID.get():
        return settings.EXPERIMENT_ID.get(), None
    return None, DEFAULT_EXPERIMENT


def set_experiment(experiment_id: str | None, name: str | None) -> None:
    """Choose the experiment of new runs; both None goes back to the default."""
    global _experiment
    _experiment = (experiment_id, name)
