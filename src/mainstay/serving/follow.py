"""Follow a model address inside a user's own service: load what it means, and swap in place.

    model = follow("models:/churn@champion")
    model.predict(frame)          # the present holder of the alias
    model.version                 # 7, and 8 some moments after the alias moved

The new version is loaded and verified in the background while the old one goes on predicting; a
version that cannot be loaded changes nothing but ``error``. Loading shares the process with the
service: a server that must not feel it uses ``mainstay models serve``, which swaps processes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from mainstay.connect import Stores, connect
from mainstay.errors import MainstayError
from mainstay.models.loading import load_model
from mainstay.models.predictor import PyFuncModel
from mainstay.serving.target import Target, moves, resolve
from mainstay.serving.watcher import POLL_SECONDS, Watcher

log = logging.getLogger(__name__)


class Followed:
    """The model that an address means now. Safe to use from any thread.

    A call to ``predict`` that has begun ends with the version it began with.
    """

    def __init__(
        self,
        uri: str,
        stores: Stores,
        *,
        every: float,
        trust: bool | None,
        on_swap: Callable[[int | None, int | None], None] | None,
        owned: bool,
    ) -> None:
        self.uri = uri
        self.error: str | None = None
        self._stores = stores
        self._trust = trust
        self._on_swap = on_swap
        self._owned = owned
        target = resolve(uri, stores.registry)
        self._held = (target, self._load(target))
        self._wanted: Target = target
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._watcher: Watcher | None = None
        if moves(uri):
            self._watcher = Watcher(
                uri,
                stores.registry,
                last=target,
                changed=self._want,
                lost=self._lose,
                every=every,
            ).start()
            threading.Thread(target=self._swap, name="mainstay-follow", daemon=True).start()

    @property
    def model(self) -> PyFuncModel:
        """The model that predicts now."""
        return self._held[1]

    @property
    def version(self) -> int | None:
        """Its version; None for a model that is not registered."""
        return self._held[0].version

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict with the present version. Raises: what ``PyFuncModel.predict`` raises."""
        return self._held[1].predict(data, params)

    def close(self) -> None:
        """Follow no more; the present version goes on predicting."""
        self._closing.set()
        self._wake.set()
        if self._watcher is not None:
            self._watcher.stop()
        if self._owned:
            self._stores.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _want(self, target: Target) -> None:
        self._wanted = target
        self._wake.set()

    def _lose(self, message: str) -> None:
        self.error = message

    def _load(self, target: Target) -> PyFuncModel:
        return load_model(target.uri, trust=self._trust, stores=self._stores)

    def _swap(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._closing.is_set():
                return
            target, before = self._wanted, self._held[0]
            if target == before:
                self.error = None
                continue
            try:
                model = self._load(target)
            except Exception as error:  # noqa: BLE001 - a worker loop: the old version goes on
                text = error.message if isinstance(error, MainstayError) else repr(error)
                self.error = f"{target} cannot be loaded, so {before} predicts still: {text}"
                log.error("%s", self.error)
                continue
            self._held = (target, model)
            self.error = None
            log.info("%s: %s took over from %s", self.uri, target, before)
            if self._on_swap is not None:
                self._on_swap(before.version, target.version)


def follow(
    uri: str,
    *,
    stores: Stores | None = None,
    every: float = POLL_SECONDS,
    trust: bool | None = None,
    on_swap: Callable[[int | None, int | None], None] | None = None,
) -> Followed:
    """Return a handle that predicts with what ``uri`` means, now and after it moved.

    ``every`` is the time in seconds between two looks at the registry; ``on_swap`` is called with
    the version before and after, on a background thread.

    Raises:
        BadInput, NotFound, AliasNotFound: the address means nothing.
        InvalidModel, UntrustedModel: what it means cannot be loaded.
    """
    return Followed(
        uri,
        stores if stores is not None else connect(),
        every=every,
        trust=trust,
        on_swap=on_swap,
        owned=stores is None,
    )
