"""Complete what trainings on this machine left behind, from the spool folders a server is shown.

The records go the way of those that a client sends: the same handlers, permissions and sequences,
so that a repeat has no second effect. The locks are those of the client: a segment that a living
process sends is left alone. Several servers may look into one folder.
"""

from __future__ import annotations

import logging
import math
import os
import platform
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from prometheus_client import Counter as Meter
from prometheus_client import Gauge

from mainstay.connect.speaker import local_user
from mainstay.errors import BadInput
from mainstay.server.context import Context, Services
from mainstay.server.own_delivery import OwnDelivery
from mainstay.spool.filesystems import networked
from mainstay.spool.segment import Segment, Target, make_private, segments
from mainstay.spool.sync import LOST_ADDRESS, Synced, send

log = logging.getLogger("mainstay.spools")

POLL_SECONDS = 2.0
LONGEST_PAUSE = 300.0

STATES = ("in use", "awaited", "failed", "elsewhere")
"""What may become of a segment other than that it is sent; each is counted."""

WAITING = Gauge(
    "mainstay_spool_segments", "Segments in the spool folders of this server.", ["state"]
)
SENT = Meter("mainstay_spool_segments_sent", "Segments that were sent to their end.")
REFUSED = Meter("mainstay_spool_records_refused", "Records of segments that were refused.")


class Spools:
    """A thread that sends what waits in spool folders, and goes on looking."""

    def __init__(
        self, folders: Sequence[Path], services: Services, here: Callable[[str], bool]
    ) -> None:
        """Look below ``folders`` for what is for ``here``."""
        self._folders = folders
        who = msgspec.structs.replace(local_user(), role="contributor")
        self._context = Context(services, who)
        self._here = here
        self._stopping = threading.Event()
        self._told: dict[str, str] = {}
        self._again_at: dict[str, float] = {}
        self._failures: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run, name="mainstay-spools", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let the segment at hand go after the batch that is under way."""
        self._stopping.set()
        self._thread.join(timeout=10.0)

    def _run(self) -> None:
        log.info("looking into %s for what trainings left", ", ".join(map(str, self._folders)))
        while not self._stopping.wait(POLL_SECONDS):
            try:
                self.look()
            except Exception:  # the border of the loop: the next look may go better
                log.exception("spool folders cannot be looked into")

    def look(self) -> None:
        """Send what can be sent now, and count what cannot."""
        states: Counter[str] = Counter()
        seen = set()
        for folder in self._folders:
            afar = networked(folder) is not None
            for segment in segments(folder):
                if self._stopping.is_set():
                    return
                seen.add(segment.name)
                states[self._serve(segment, afar=afar)] += 1
        for state in STATES:
            WAITING.labels(state).set(states[state])
        for kept in (self._told, self._again_at, self._failures):
            for name in kept.keys() - seen:
                del kept[name]

    def _serve(self, segment: Segment, *, afar: bool) -> str:
        """Send one segment if it is ours to send; return what became of it."""
        if time.monotonic() < self._again_at.get(segment.name, 0.0):
            return "failed"
        try:
            target = segment.target()
            if target is None:
                if not segment.is_damaged():
                    return "gone"  # sent by somebody else meanwhile
                return self._failed(segment, LOST_ADDRESS)
            why = self._not_ours(segment, target, afar=afar)
            if why:
                self._tell(segment, f"is left alone: {why}")
                return "elsewhere"
            done = send(
                segment,
                target,
                lambda *_: OwnDelivery(self._context),
                patience=math.inf,
                busy=self._stopping.is_set,
            )
        except Exception as error:  # the border: one bad segment stops no other
            log.debug("segment %s", segment.folder, exc_info=True)
            return self._failed(segment, f"{type(error).__name__}: {error}")
        return self._note(segment, target, done)

    def _not_ours(self, segment: Segment, target: Target, *, afar: bool) -> str:
        """Say why a segment is none of this server's business; nothing if it is."""
        for uri in filter(None, (target.uri, target.registry_uri)):
            if not self._here(uri):
                return f"it is for {uri}, which is no address of this server"
        owner = segment.folder.stat().st_uid
        if owner != os.geteuid():
            return f"it belongs to user {owner}, who can send it with `mainstay sync`"
        if afar and target.host != platform.node():
            # Nobody here can tell whether its process lives.
            return f"it is on a network file system and was written on {target.host}"
        return ""

    def _note(self, segment: Segment, target: Target, done: Synced) -> str:
        for refusal in done.refused:
            REFUSED.inc()
            log.warning(
                "segment %s: not recorded: %s%s",
                *(segment.name, f"{refusal.where}: " if refusal.where else "", refusal.message),
            )
        if done.state == "failed":
            return self._failed(segment, done.message)
        self._failures.pop(segment.name, None)
        if done.state == "awaited":
            self._tell(segment, f"waits: {done.message}")
        elif done.state == "sent" and not segment.folder.exists():
            SENT.inc()
            log.info(
                "segment %s of %s (process %d on %s) is complete",
                *(segment.name, target.program or "a program", target.pid, target.host),
            )
        return done.state

    def _failed(self, segment: Segment, why: str) -> str:
        """Leave a segment alone for a while, longer each time."""
        name = segment.name
        self._failures[name] += 1
        pause = min(POLL_SECONDS * 2.0 ** min(self._failures[name], 16), LONGEST_PAUSE)
        self._again_at[name] = time.monotonic() + pause
        self._tell(segment, f"cannot be sent and stays in {segment.folder}: {why}")
        return "failed"

    def _tell(self, segment: Segment, what: str) -> None:
        """Say something of a segment once, until there is something else to say."""
        if self._told.get(segment.name) != what:
            self._told[segment.name] = what
            log.warning("segment %s %s", segment.name, what)


def check(folder: Path) -> None:
    """See that a folder can be looked into; one that is missing is made. Raises: BadInput."""
    try:
        make_private(folder)
        next(folder.iterdir(), None)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError("this user may not write there, and so delete what was sent")
    except OSError as error:
        raise BadInput(f"--spool-dir {str(folder)!r} cannot be used: {error}") from error
