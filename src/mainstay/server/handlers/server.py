"""The server itself: alive, which version, what it can do, and its API as OpenAPI."""

from __future__ import annotations

from functools import cache

from mainstay import __version__, settings
from mainstay.server.context import Context
from mainstay.wire import openapi
from mainstay.wire.base import Empty
from mainstay.wire.codec import to_json
from mainstay.wire.server import GetServer, ServerAnswer, ServerInfo

FEATURES = (
    *("artifacts-batch", "artifacts-resume"),
    *("events", "gates", "monitoring", "rollback", "spool"),
)


def health(context: Context, request: Empty) -> bytes:
    """Say that the process runs; touches nothing else."""
    return b"OK"


def live(context: Context, request: Empty) -> bytes:
    """Say that the process answers; nothing it stands on is looked at."""
    return b"OK"


def ready(context: Context, request: Empty) -> bytes:
    """Say that databases take writes and disks have room. Raises: Unavailable."""
    context.services.readiness.check()
    return b"OK"


def version(context: Context, request: Empty) -> bytes:
    """Return our version."""
    return __version__.encode()


def info(context: Context, request: Empty) -> ServerInfo:
    """Answer what stock clients ask before their first download."""
    return ServerInfo(
        multipart_uploads_enabled=_parts_on(context),
        multipart_downloads_enabled=(
            settings.ENABLE_PROXY_MULTIPART_DOWNLOAD.get() and context.files.presigns
        ),
        presigned_upload_run_id_supported=True,
        presigned_upload_model_id_supported=True,
    )


def _parts_on(context: Context) -> bool:
    return settings.ENABLE_PROXY_MULTIPART_UPLOAD.get() and context.files.parts is not None


def get(context: Context, request: GetServer) -> ServerAnswer:
    """Say what answers here."""
    return ServerAnswer(name="mainstay", version=__version__, features=list(FEATURES))


def openapi_document(context: Context, request: Empty) -> bytes:
    """Return the OpenAPI document."""
    return _document()


def metrics(context: Context, request: Empty) -> bytes:
    """Return the server's own measurements in Prometheus's text format."""
    return context.services.gauges.exposition()


@cache
def _document() -> bytes:
    return to_json(openapi.document())
