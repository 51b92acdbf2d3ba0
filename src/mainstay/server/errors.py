"""Every error as MLflow's JSON: ``{"error_code", "message"}``, never a traceback.

Beside these stands the id of the request; stock clients pass over fields that they do not know.
A user's mistake keeps its own status. What nobody foresaw is 500 with the id of the request, under
which the log has the traceback; nothing of it goes out.
"""

from __future__ import annotations

import logging
import secrets

from starlette.responses import Response

from mainstay.errors import (
    MainstayError,
    MethodNotAllowed,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from mainstay.server import requests
from mainstay.wire.codec import to_json

log = logging.getLogger("mainstay.server")

CHALLENGE = 'Basic realm="mainstay"'


def answer(error: BaseException, request_id: str | None = None) -> Response:
    """Return the response that says what went wrong; the id is that of this task, if not given."""
    given = request_id or requests.current.get()
    if not isinstance(error, MainstayError):
        error = _unforeseen(error, given)
    elif error.status >= 500 and not isinstance(error, Unavailable):
        log.error("%s: %s", error.code, error.message)
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, (Unavailable, TooManyRequests)):
        headers["Retry-After"] = str(error.details.get("retry_after", 1))
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.details.get("allow", []))
    return Response(
        _body(error, given),
        status_code=error.status,
        headers=headers,
        media_type="application/json",
    )


def _body(error: MainstayError, request_id: str) -> bytes:
    """``kind`` names our class, so that our client raises the same one; details stand beside it."""
    said = {"error_code": error.code, "message": error.message, "kind": type(error).__name__}
    if request_id != requests.NONE:
        said["request_id"] = request_id
    return to_json({**error.details, **said})


def _unforeseen(error: BaseException, given: str) -> MainstayError:
    # The id in the header of the answer, and on the log's line.
    incident = secrets.token_hex(8) if given == requests.NONE else given
    log.error("incident %s", incident, exc_info=error)
    return MainstayError(f"Internal error; the server's log has it as incident {incident}.")
