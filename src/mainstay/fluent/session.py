"""The process's way to its tracking server: one spool and one client for each address."""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from mainstay import context, settings
from mainstay.client import Client
from mainstay.errors import NotYetSent
from mainstay.spool.spool import Spool, close_all
from mainstay.spool.store import SpooledTracking, Waiting

if TYPE_CHECKING:
    from mainstay.artifact_store.base import ArtifactStore
    from mainstay.stores.base import (
        AccountStore,
        MonitoringStore,
        RegistryStore,
        ReleaseStore,
        StandardStore,
        TrackingStore,
        WebhookStore,
    )


class SpooledStores:
    """All stores of an address, behind this process's spool: writes return, reads wait."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.uri = spool.uri
        self.spooled = SpooledTracking(spool)
        self.tracking = cast("TrackingStore", self.spooled)
        self.registry = cast("RegistryStore", Waiting(spool, "registry"))
        self.release = cast("ReleaseStore", Waiting(spool, "release"))
        self.monitoring = cast("MonitoringStore", Waiting(spool, "monitoring"))
        self.webhooks = cast("WebhookStore", Waiting(spool, "webhooks"))
        self.standards = cast("StandardStore", Waiting(spool, "standards"))

    @property
    def accounts(self) -> AccountStore | None:
        """The users of a database; None for a server, which keeps its own."""
        found: AccountStore | None = cast(Any, self.spool.stores()).accounts
        return found

    def artifacts_at(self, uri: str) -> ArtifactStore:
        """Return the artifact store at a root, after what this process logged has arrived."""
        self.spool.settle()
        return self.spool.stores().artifacts_at(uri)


class Session:
    """The spool and the client that the fluent calls use."""

    def __init__(self, tracking_uri: str, registry_uri: str) -> None:
        def connect() -> Any:
            from mainstay.connect import connect as open_stores

            return open_stores(tracking_uri, registry_uri)

        self.spool = Spool(tracking_uri, connect, registry_uri=registry_uri)
        self.stores = SpooledStores(self.spool)
        self.tracking = self.stores.spooled
        self.client = Client(
            tracking_uri, registry_uri, stores=self.stores, files=self.stores.spooled
        )


_sessions: dict[tuple[str, str], Session] = {}
_lock = threading.Lock()


def session() -> Session:
    """Return the session of the addresses in force."""
    key = (context.tracking_uri(), context.registry_uri())
    found = _sessions.get(key)
    if found is None:
        with _lock:
            if not _sessions:
                _before_threads_end(_at_exit)
            found = _sessions.setdefault(key, Session(*key))
    return found


def confirmed(own: Session, synchronous: bool | None) -> None:
    """Wait for the server where a call asked for it. Raises: NotYetSent."""
    wait = settings.READ_WAIT.get()
    if synchronous and not own.spool.flush(wait, while_hopeful=True):
        raise NotYetSent(
            "the call is kept in the spool, but the server has not confirmed it; "
            "leave out synchronous=True if that is good enough"
        )


def sessions() -> list[Session]:
    """Return every session of this process."""
    return list(_sessions.values())


def _before_threads_end(work: Callable[[], None]) -> None:
    """Have ``work`` called when the main thread is done, while threads may still start.

    ``atexit`` is too late: from Python 3.12 on no thread starts there, and a module that makes a
    thread pool can no longer be imported, which is what connecting may need in a short script.
    The door that ``concurrent.futures`` itself uses comes before that; opened after it was
    imported, ours is called first.
    """
    import concurrent.futures.thread  # noqa: F401

    register: Callable[[Callable[[], None]], object] = getattr(
        threading, "_register_atexit", atexit.register
    )
    try:
        register(work)
    except RuntimeError:  # the first call of the face comes from somebody's last handler
        atexit.register(work)


def _at_exit() -> None:
    """End what is still active, and give the spool its last bounded time."""
    from mainstay.fluent.active import end_all

    # A script that died of an exception has left it here; a shell or notebook lives on after one.
    interactive = hasattr(sys, "ps1") or "IPython" in sys.modules
    died = getattr(sys, "last_value", None) is not None and not interactive
    end_all("FAILED" if died else "FINISHED")
    done = close_all(settings.END_WAIT.get())
    if not done and not any(one.spool.offline for one in _sessions.values()):
        waiting = ", ".join(sorted({one.spool.uri for one in _sessions.values()}))
        print(
            f"mainstay: some records for {waiting} are still in {settings.SPOOL_DIR.get()}; "
            "the next start sends them, or `mainstay sync` does",
            file=sys.stderr,
        )
