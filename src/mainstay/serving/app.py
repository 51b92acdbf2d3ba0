"""The HTTP app of a worker: ``/invocations`` as MLflow has it, health, readiness, metrics.

A bare ASGI app, since every layer between the socket and the model costs on every request. What
the model does happens in ``pool``, so that ``/ping`` answers while the model is busy.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

import msgspec

from mainstay import __version__
from mainstay.entities.monitoring import Deployment
from mainstay.errors import EndpointNotFound, MainstayError, MethodNotAllowed
from mainstay.serving import meters
from mainstay.serving.counts import Counter
from mainstay.serving.http import (
    JSON,
    TEXT,
    Answer,
    Body,
    Disconnected,
    Headers,
    Receive,
    Scope,
    Send,
    error_answer,
    header,
    request_id,
    send_answer,
)
from mainstay.serving.openapi import document
from mainstay.serving.pool import Pool
from mainstay.serving.samples import Sampler
from mainstay.serving.served import Prediction, ServedModel

log = logging.getLogger(__name__)

Handler = Callable[[Scope, Body, str], Awaitable[Answer]]


class App:
    """Answers for one loaded model.

    ``closing`` tells whether the door is closed: then every answer carries ``Connection: close``,
    so that a held connection moves to the workers that accept.
    """

    def __init__(
        self,
        served: ServedModel,
        *,
        pool: Pool,
        sampler: Sampler,
        counter: Counter | None,
        max_body: int,
    ) -> None:
        self.deployment: Deployment | None = None
        self.closing: Callable[[], bool] = lambda: False
        self._served = served
        self._pool = pool
        self._sampler = sampler
        self._counter = counter
        self._max_body = max_body
        self._meters = meters.Meters(served.name, served.version)
        self._identity: Headers = [(b"x-mainstay-model", served.name.encode("utf-8"))]
        if served.version is not None:
            self._identity.append((b"x-mainstay-version", str(served.version).encode()))
        self._routes: dict[str, dict[str, Handler]] = {
            "/invocations": {"POST": self._invocations},
            "/ping": {"GET": self._alive},
            "/health": {"GET": self._alive},
            "/version": {"GET": self._version},
            "/ready": {"GET": self._ready},
            "/metrics": {"GET": self._metrics},
            "/openapi.json": {"GET": self._openapi},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        identifier = request_id(scope)
        body = Body(scope, receive)
        try:
            answer = await self._answer(scope, body, identifier)
            await body.discard()
        except Disconnected:
            return
        headers = [*self._identity, (b"x-request-id", identifier.encode())]
        if self.closing() or not body.complete:
            headers.append((b"connection", b"close"))
        await send_answer(send, answer, headers)

    async def _answer(self, scope: Scope, body: Body, identifier: str) -> Answer:
        try:
            return await self._route(scope)(scope, body, identifier)
        except MainstayError as error:
            return error_answer(error)
        except Disconnected:
            raise
        except Exception:
            log.exception("request %s failed inside the server", identifier)
            return error_answer(MainstayError(f"the server failed; its log tells of {identifier}"))

    def _route(self, scope: Scope) -> Handler:
        path, method = scope["path"], scope["method"]
        methods = self._routes.get(path)
        if methods is None:
            known = ", ".join(self._routes)
            raise EndpointNotFound(f"there is no {path} here; this server answers {known}")
        handler = methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            raise MethodNotAllowed(f"{path} answers {', '.join(methods)}, not {method}")
        return handler

    # -- predictions -----------------------------------------------------------------------------
    async def _invocations(self, scope: Scope, body: Body, identifier: str) -> Answer:
        start = time.perf_counter()
        content_type = header(scope, b"content-type")
        self._meters.in_flight.inc()
        prediction: Prediction | None = None
        status = 500
        try:
            sent = await body.read(self._max_body)
            start = time.perf_counter()
            prediction = await self._pool.run(
                lambda: self._served.answer(content_type, sent, identifier)
            )
            status = 200
            self._sampler.offer(content_type or "", sent)
            return Answer(status, prediction.body)
        except MainstayError as error:
            status = error.status
            raise
        except Disconnected:
            status = 0
            raise
        finally:
            self._meters.in_flight.dec()
            if status:
                self._count(status, time.perf_counter() - start, prediction)

    def _count(self, status: int, seconds: float, prediction: Prediction | None) -> None:
        rows = prediction.rows if prediction is not None else 0
        self._meters.answered(status=status, seconds=seconds, rows=rows)
        if self._counter is None:
            return
        self._counter.answered(status=status, seconds=seconds, rows=rows)
        if prediction is not None:
            dropped = self._counter.saw(prediction.data, prediction.predicted, rows)
            if dropped:
                self._meters.dropped_rows.inc(dropped)

    # -- what it says of itself ------------------------------------------------------------------
    async def _alive(self, scope: Scope, body: Body, identifier: str) -> Answer:
        return Answer(200, b"\n", JSON)

    async def _version(self, scope: Scope, body: Body, identifier: str) -> Answer:
        return Answer(200, __version__.encode(), TEXT)

    async def _ready(self, scope: Scope, body: Body, identifier: str) -> Answer:
        deployment = self.deployment
        stuck = self._pool.stuck
        told = {
            "ready": not stuck,
            "model": self._served.name,
            "version": self._served.version,
            "desired_version": deployment.desired_version if deployment else self._served.version,
            "state": deployment.state if deployment else "serving",
            "message": deployment.message if deployment else "",
        }
        if stuck:
            told["message"] = "every prediction thread is busy with a call that timed out"
        return Answer(503 if stuck else 200, msgspec.json.encode(told))

    async def _metrics(self, scope: Scope, body: Body, identifier: str) -> Answer:
        return Answer(200, meters.render(), meters.CONTENT_TYPE)

    async def _openapi(self, scope: Scope, body: Body, identifier: str) -> Answer:
        return Answer(200, msgspec.json.encode(document(self._served)))
