"""Errors of a server, turned back into ours.

A mainstay server names the class (``kind``); of any other server the MLflow code counts, and
where there is none, the status.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay import errors
from mainstay.errors import MainstayError

_CODES: dict[str, type[MainstayError]] = {
    "RESOURCE_DOES_NOT_EXIST": errors.NotFound,
    "NOT_FOUND": errors.NotFound,
    "ENDPOINT_NOT_FOUND": errors.EndpointNotFound,
    "RESOURCE_ALREADY_EXISTS": errors.AlreadyExists,
    "INVALID_PARAMETER_VALUE": errors.BadInput,
    "BAD_REQUEST": errors.BadRequest,
    "INVALID_STATE": errors.InvalidState,
    "UNAUTHENTICATED": errors.Unauthenticated,
    "CUSTOMER_UNAUTHORIZED": errors.Unauthenticated,
    "PERMISSION_DENIED": errors.PermissionDenied,
    "RESOURCE_CONFLICT": errors.Conflict,
    "ABORTED": errors.Conflict,
    "ALREADY_EXISTS": errors.Conflict,
    "REQUEST_LIMIT_EXCEEDED": errors.TooManyRequests,
    "NOT_IMPLEMENTED": errors.NotImplementedHere,
    "TEMPORARILY_UNAVAILABLE": errors.Unavailable,
    "DEADLINE_EXCEEDED": errors.Unavailable,
}
_STATUSES: dict[int, type[MainstayError]] = {
    401: errors.Unauthenticated,
    403: errors.PermissionDenied,
    404: errors.EndpointNotFound,
    405: errors.MethodNotAllowed,
    409: errors.Conflict,
    413: errors.TooLarge,
    415: errors.UnsupportedMediaType,
    429: errors.TooManyRequests,
    501: errors.NotImplementedHere,
    502: errors.Unavailable,
    503: errors.Unavailable,
    504: errors.Unavailable,
    507: errors.OutOfSpace,
}
_SPOKEN = {"error_code", "message", "kind", "sqlstate", "error_class"}
_SHOWN = 300


def failure(status: int, body: bytes, asked: str) -> MainstayError:
    """Return the error that an answer stands for; ``asked`` says what was asked, and of whom."""
    said = _object(body)
    if "error_code" not in said:
        text = " ".join(body[: 4 * _SHOWN].decode("utf-8", "replace").split())[:_SHOWN]
        return _by_status(status)(f"{asked} answered {status}: {text}")
    message = str(said.get("message") or f"{asked} answered {status}")
    details = {str(key): value for key, value in said.items() if key not in _SPOKEN}
    return _kind(said, status)(message, **details)


def _kind(said: dict[str, Any], status: int) -> type[MainstayError]:
    named = getattr(errors, str(said.get("kind", "")), None)
    if isinstance(named, type) and issubclass(named, MainstayError):
        return named
    if status in (413, 415, 405, 507):  # their codes are those of other errors
        return _STATUSES[status]
    return _CODES.get(str(said["error_code"])) or (
        errors.BadRequest if status == 400 else _by_status(status)
    )


def _by_status(status: int) -> type[MainstayError]:
    # MLflow's API gives each refusal a code; without one, something in front of it answered.
    return _STATUSES.get(status) or (errors.StrangeAnswer if status < 500 else MainstayError)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
