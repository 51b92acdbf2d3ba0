"""Doors from a script to the rooms above: projects, evaluation, and what waits in the spool."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mainstay import settings
from mainstay.spool.segment import Target
from mainstay.spool.sync import Synced
from mainstay.spool.sync import sync as send


def run(uri: str, *arguments: Any, **options: Any) -> Any:
    """Run a project; the arguments are those of ``mainstay.projects.run``."""
    # By name: projects stand above this room, and load only when one is run.
    return import_module("mainstay.projects").run(uri, *arguments, **options)


def evaluate(model: Any, *arguments: Any, **options: Any) -> Any:
    """Measure a model version; the arguments are those of ``mainstay.evaluation.evaluate``."""
    return import_module("mainstay.evaluation").evaluate(model, *arguments, **options)


def sync(uri: str | None = None) -> list[Synced]:
    """Send what earlier processes left in the spool, to ``uri`` or to wherever each belongs."""
    from mainstay.connect import connect

    def open_stores(target: Target) -> Any:
        return connect(target.uri, target.registry_uri)

    return send(settings.SPOOL_DIR.get(), open_stores, uri=uri)
