"""Who speaks where no server tells it: on a database used directly, the operating system's user."""

from __future__ import annotations

import getpass
import inspect
import os
import socket
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.registry import AliasChange
from mainstay.entities.release import AliasMove, Evidence
from mainstay.stores.base import ReleaseStore
from mainstay.stores.base.passing import PassingRelease

T = TypeVar("T")


def local_user() -> Principal:
    """Return the user of the operating system, who vouches for the name.

    It reads ``ada (on build-7)`` in audit and histories. It counts where somebody works on the
    database itself; a server goes by the token instead.
    """
    host = f"on {socket.gethostname()}"
    try:
        import pwd
    except ImportError:  # Windows: a name from the environment proves nothing
        return Principal(claimed=f"{getpass.getuser()} {host}")
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return Principal(claimed=f"{os.geteuid()} {host}")
    return Principal(name=name, authenticated=True, claimed=host)


class _Speaking:
    """A store whose calls are somebody's, unless they name somebody else."""

    def __init__(self, store: Any, who: Principal) -> None:
        self._store = store
        self._who = who

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found) or "by" not in inspect.signature(found).parameters:
            setattr(self, name, found)
            return found

        def call(*arguments: Any, by: Principal = ANONYMOUS, **rest: Any) -> Any:
            return found(*arguments, by=self._who if by == ANONYMOUS else by, **rest)

        setattr(self, name, call)
        return call


def spoken_for(store: T, who: Principal) -> T:
    """Return a store that puts ``who`` in the place of an anonymous caller."""
    return cast(T, _Speaking(store, who))


class SpokenRelease(PassingRelease):
    """The same for what carries its principal inside: moves and evidence."""

    def __init__(self, release: ReleaseStore, who: Principal) -> None:
        super().__init__(release)
        self._who = who

    def move_alias(self, move: AliasMove) -> AliasChange:
        """Move an alias."""
        if move.principal == ANONYMOUS:
            move = replace(move, principal=self._who)
        return self._release.move_alias(move)

    def record_evidence(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Keep measurements."""
        return self._release.record_evidence(
            [replace(item, principal=item.principal or str(self._who)) for item in evidence]
        )
