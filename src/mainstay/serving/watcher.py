"""Follow what a model address means: a thread that asks the registry, and tells of each change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from mainstay.errors import MainstayError
from mainstay.serving.target import Target, resolve
from mainstay.stores.base.registry import RegistryStore

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class Watcher:
    """Calls ``changed`` with each new target, and ``lost`` when the address means nothing now.

    One question each ``every`` seconds. A registry that does not answer is no change: what serves
    goes on serving. Both are called on the watcher's thread.
    """

    def __init__(
        self,
        uri: str,
        registry: RegistryStore,
        *,
        last: Target,
        changed: Callable[[Target], None],
        lost: Callable[[str], None],
        every: float = POLL_SECONDS,
    ) -> None:
        self._uri = uri
        self._registry = registry
        self._last: Target | str = last
        self._changed = changed
        self._lost = lost
        self._every = every
        self._away = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mainstay-watcher", daemon=True)

    def start(self) -> Watcher:
        """Begin to ask."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask no more; does not wait for a question that is under way."""
        self._stop.set()

    def look(self) -> None:
        """Ask once, and tell if the answer differs from the last one."""
        answer = self._ask()
        if answer is None or answer == self._last or self._stop.is_set():
            return
        self._last = answer
        if isinstance(answer, Target):
            self._changed(answer)
        else:
            self._lost(answer)

    def _ask(self) -> Target | str | None:
        try:
            answer: Target | str = resolve(self._uri, self._registry)
        except MainstayError as error:
            if error.status not in (400, 404):
                self._outage(error.message)
                return None
            answer = error.message
        except Exception as error:  # noqa: BLE001 - a worker loop: it must outlive any outage
            self._outage(str(error))
            return None
        if self._away:
            log.info("the registry answers again")
        self._away = False
        return answer

    def _outage(self, message: str) -> None:
        """Say once that the registry is away; what serves goes on serving."""
        if not self._away and not self._stop.is_set():
            log.warning("cannot ask what %s means: %s", self._uri, message)
        self._away = True

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.look()
