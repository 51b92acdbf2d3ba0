"""Serve what a model address means, on one port, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import tempfile
from collections.abc import Callable

import msgspec

from mainstay.connect import Stores, connect
from mainstay.environments import managers
from mainstay.errors import BadInput
from mainstay.models.loading import download
from mainstay.serving.channel import Spec
from mainstay.serving.deployments import Reporter
from mainstay.serving.launch import EnvManager, Interpreter, planner, this_interpreter
from mainstay.serving.listener import listen
from mainstay.serving.supervisor import Supervisor
from mainstay.serving.target import Target, deployment_name, moves, resolve
from mainstay.serving.watcher import POLL_SECONDS, Watcher

log = logging.getLogger(__name__)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to serve. ``port`` 0 takes a free one; ``timeout`` and ``poll`` are in seconds."""

    host: str = "127.0.0.1"
    port: int = 5001
    workers: int = 1
    threads: int = 4
    timeout: float = 60.0
    poll: float = POLL_SECONDS
    env_manager: EnvManager = "local"
    tracking_uri: str | None = None
    registry_uri: str | None = None
    trust: bool | None = None
    known: Target | None = None
    """What the address means, where that is known already and never changes: in an image."""


def serve(uri: str, options: Options, *, started: Callable[[str], None] = lambda _: None) -> None:
    """Serve ``uri`` until SIGTERM or SIGINT; ``started`` gets the URL once requests are answered.

    Raises:
        BadInput, NotFound, AliasNotFound: the address means nothing.
        InvalidModel: what it means cannot be served.
        Unavailable: the port cannot be listened on.
    """
    if options.workers < 1 or options.threads < 1:
        raise BadInput("a server needs at least one worker and one thread")
    stores = connect(options.tracking_uri, options.registry_uri)
    listener = listen(options.host, options.port)
    metrics_folder = tempfile.mkdtemp(prefix="mainstay-serving-")
    try:
        first = options.known or resolve(uri, stores.registry)
        url = f"http://{_written(options.host)}:{listener.getsockname()[1]}"
        deployment = _deployment(uri, options)
        reporter = Reporter(
            stores.monitoring.put_deployment,
            deployment=deployment,
            uri=uri,
            name=first.name,
            url=url,
        ).start()
        spec = Spec(
            uri=first.uri,
            name=first.name,
            version=first.version,
            deployment=deployment,
            tracking_uri=options.tracking_uri,
            registry_uri=options.registry_uri,
            trust=options.trust,
            timeout=options.timeout,
            threads=options.threads,
        )
        supervisor = Supervisor(
            listener=listener,
            first=first,
            plan=planner(
                spec,
                workers=options.workers,
                metrics_folder=metrics_folder,
                interpreter=_interpreter(options, stores),
            ),
            reporter=reporter,
            workers=options.workers,
        )
        watcher = Watcher(
            uri,
            stores.registry,
            last=first,
            changed=supervisor.want,
            lost=supervisor.lose,
            every=options.poll,
        )

        def begun() -> None:
            if moves(uri):
                watcher.start()
            started(url)

        try:
            asyncio.run(supervisor.run(begun))
        finally:
            watcher.stop()
            reporter.stop()
    finally:
        listener.close()
        stores.close()
        shutil.rmtree(metrics_folder, ignore_errors=True)


def _deployment(uri: str, options: Options) -> str:
    """Return the name that counts and states are kept under; "" where nobody would keep them."""
    known = options.known
    if known is None:
        return deployment_name(uri)
    if known.version is None or options.tracking_uri is None:
        return ""
    return f"{known.name}/{known.version}"


def _interpreter(options: Options, stores: Stores) -> Interpreter:
    if options.env_manager == "local":
        return this_interpreter

    def of_the_model(target: Target) -> str:
        return str(managers.python_for_model(download(target.uri, stores), options.env_manager))

    return of_the_model


def _written(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):
        host = socket.gethostname()
    return f"[{host}]" if ":" in host else host
