"""One tree of errors: each class knows MLflow's error code and the HTTP status.

    MainstayError                     500 INTERNAL_ERROR
    ├── BadInput                      400 INVALID_PARAMETER_VALUE
    │   ├── BadRequest                400 BAD_REQUEST
    │   ├── AlreadyExists             400 RESOURCE_ALREADY_EXISTS
    │   ├── AliasNotFound             400 INVALID_PARAMETER_VALUE (MLflow's status)
    │   ├── InvalidState              400 INVALID_PARAMETER_VALUE (a deleted run, say)
    │   ├── InvalidModel              400 a model directory that cannot be read
    │   └── SchemaMismatch            400 data that do not fit a signature
    ├── Unauthenticated               401
    ├── PermissionDenied              403
    │   ├── GateRefused               403 a gate said no; carries the verdict
    │   ├── InvalidSignature          403 a signature does not hold for a model's files
    │   └── UntrustedModel            403 loading would run code nobody vouched for
    ├── NotFound                      404 RESOURCE_DOES_NOT_EXIST
    │   └── EndpointNotFound          404 ENDPOINT_NOT_FOUND
    ├── MethodNotAllowed              405
    ├── Conflict                      409 RESOURCE_CONFLICT
    ├── Stalled                       408 the rest of a request did not come
    ├── TooLarge                      413
    ├── AddressTooLong                414
    ├── HeadersTooLarge               431
    ├── UnsupportedMediaType          415
    ├── TooManyRequests               429
    ├── NotImplementedHere            501
    ├── Unavailable                   503 TEMPORARILY_UNAVAILABLE
    │   ├── ServerUnreachable         the other end did not answer
    │   ├── StrangeAnswer             something else than a server of ours or MLflow's did
    │   └── NotYetSent                records still wait in the spool
    ├── OutOfSpace                    507
    └── DatabaseMismatch              500 the database needs another program version

Source of codes and statuses: MLflow's REST error contract. A message says what is
wrong, which thing it is about, and what to do.
"""

from __future__ import annotations

from typing import Any, ClassVar


class MainstayError(Exception):
    """Something failed inside mainstay."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or (type(self).__doc__ or "").strip().partition("\n")[0]
        self.details = details
        super().__init__(self.message)

    @property
    def error_code(self) -> str:
        """The MLflow error code, under the name stock scripts read."""
        return self.code

    def get_http_status_code(self) -> int:
        """The HTTP status, under the name stock scripts call."""
        return self.status


class BadInput(MainstayError):
    """A value is not acceptable."""

    code = "INVALID_PARAMETER_VALUE"
    status = 400


class BadRequest(BadInput):
    """The request cannot be understood."""

    code = "BAD_REQUEST"


class AlreadyExists(BadInput):
    """The name is taken."""

    code = "RESOURCE_ALREADY_EXISTS"


class AliasNotFound(BadInput):
    """No version holds this alias."""


class InvalidState(BadInput):
    """The object is not in a state that allows this."""


class InvalidModel(BadInput):
    """The model directory cannot be read."""


class SchemaMismatch(BadInput):
    """The data do not fit the model's signature."""


class Unauthenticated(MainstayError):
    """Say who you are: a token or a user name and password is needed."""

    code = "UNAUTHENTICATED"
    status = 401


class PermissionDenied(MainstayError):
    """You may not do this."""

    code = "PERMISSION_DENIED"
    status = 403


class GateRefused(PermissionDenied):
    """A gate refused the move."""


class InvalidSignature(PermissionDenied):
    """The signature does not hold for these files."""


class UntrustedModel(PermissionDenied):
    """Loading this model would run code that nobody vouched for."""


class NotFound(MainstayError):
    """There is no such thing."""

    code = "RESOURCE_DOES_NOT_EXIST"
    status = 404


class EndpointNotFound(NotFound):
    """There is no such endpoint."""

    code = "ENDPOINT_NOT_FOUND"


class MethodNotAllowed(MainstayError):
    """This path does not answer that method."""

    code = "BAD_REQUEST"
    status = 405


class Conflict(MainstayError):
    """Somebody else changed it first."""

    code = "RESOURCE_CONFLICT"
    status = 409


class TooLarge(MainstayError):
    """The body is larger than the server accepts."""

    code = "INVALID_PARAMETER_VALUE"
    status = 413


class Stalled(MainstayError):
    """The rest of the request did not come in time."""

    code = "BAD_REQUEST"
    status = 408


class AddressTooLong(MainstayError):
    """The address is longer than the server reads."""

    code = "BAD_REQUEST"
    status = 414


class HeadersTooLarge(MainstayError):
    """The headers are larger than the server reads."""

    code = "BAD_REQUEST"
    status = 431


class UnsupportedMediaType(MainstayError):
    """This content type is not accepted here."""

    code = "BAD_REQUEST"
    status = 415


class TooManyRequests(MainstayError):
    """Too many requests; wait and try again."""

    code = "REQUEST_LIMIT_EXCEEDED"
    status = 429


class NotImplementedHere(MainstayError):
    """This store cannot do that."""

    code = "NOT_IMPLEMENTED"
    status = 501


class Unavailable(MainstayError):
    """Not available at the moment; try again."""

    code = "TEMPORARILY_UNAVAILABLE"
    status = 503


class ServerUnreachable(Unavailable):
    """The server did not answer."""


class StrangeAnswer(Unavailable):
    """What answered is neither mainstay nor MLflow: a proxy, a page to log in."""


class NotYetSent(Unavailable):
    """Records of this process still wait in the spool."""


class OutOfSpace(MainstayError):
    """The disk is full; nothing was written."""

    code = "RESOURCE_EXHAUSTED"
    status = 507


class DatabaseMismatch(MainstayError):
    """The database needs another version of mainstay."""
