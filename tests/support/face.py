"""Point the fluent calls of this process at an address, and put everything back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay import context, settings
from mainstay.fluent import active, session


def fresh_face(address: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield ``address`` while it is the tracking address; spool and caches are in ``folder``."""
    for setting in settings.all_settings():
        for variable in setting.variables:
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MAINSTAY_SPOOL_DIR", str(folder / "spool"))
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(folder / "cache"))
    monkeypatch.chdir(folder)
    forget()
    context.set_tracking_uri(address)
    yield address
    forget()


def forget() -> None:
    """End what is active, send it, and forget sessions, addresses and the experiment."""
    active.end_all("FINISHED")
    for one in session.sessions():
        one.spool.close(30)
    session._sessions.clear()
    context.set_experiment(None, None)
    context.set_tracking_uri(None)
    context.set_registry_uri(None)
