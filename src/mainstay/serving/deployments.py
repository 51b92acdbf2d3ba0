"""Tell the monitoring store what a server says of itself, without ever holding the server up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from mainstay.entities.monitoring import Deployment

log = logging.getLogger(__name__)

State = Literal["starting", "serving", "swapping", "failed", "stopped"]

HEARTBEAT_SECONDS = 15.0
RETRY_SECONDS = 2.0


class Reporter:
    """Keeps the last state of a deployment and writes it from a thread: on change, and as a
    heartbeat. While the store does not answer, only the newest state waits.
    """

    def __init__(
        self,
        put: Callable[[Deployment], None],
        *,
        deployment: str,
        uri: str,
        name: str,
        url: str,
    ) -> None:
        self._put = put
        self._last = Deployment(
            deployment=deployment,
            uri=uri,
            name=name,
            desired_version=None,
            serving_version=None,
            url=url,
            state="starting",
        )
        self._wake = threading.Condition()
        self._dirty = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="mainstay-reporter", daemon=True)

    @property
    def last(self) -> Deployment:
        """What was reported last."""
        return self._last

    def start(self) -> Reporter:
        """Begin to write."""
        if self._last.deployment:
            self._thread.start()
        return self

    def stop(self, timeout: float = 10.0) -> None:
        """Write the last state, and end; gives up after ``timeout`` seconds."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def report(
        self, state: State, *, desired: int | None, serving: int | None, message: str = ""
    ) -> Deployment:
        """Note the state, have it written soon, and return the record."""
        with self._wake:
            self._last = Deployment(
                deployment=self._last.deployment,
                uri=self._last.uri,
                name=self._last.name,
                desired_version=desired,
                serving_version=serving,
                url=self._last.url,
                state=state,
                message=message,
                updated_at=_now(),
            )
            self._dirty = True
            self._wake.notify()
            return self._last

    def _run(self) -> None:
        wait = HEARTBEAT_SECONDS
        while True:
            with self._wake:
                if not self._dirty and not self._stopping:
                    self._wake.wait(wait)
                last, self._dirty, stopping = self._last, False, self._stopping
            wait = HEARTBEAT_SECONDS if self._write(last) else RETRY_SECONDS
            if stopping:
                return

    def _write(self, last: Deployment) -> bool:
        try:
            self._put(msgspec.structs.replace(last, updated_at=_now()))
        except Exception as error:  # noqa: BLE001 - a worker loop: it must outlive any outage
            log.warning("the state of %s cannot be written: %s", last.deployment, error)
            return False
        return True


def _now() -> int:
    return time.time_ns() // 1_000_000
