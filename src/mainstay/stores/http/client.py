"""Sends the endpoints of the table to a server and reads its answers."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec

from mainstay import __version__, settings
from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.errors import (
    BadInput,
    EndpointNotFound,
    MainstayError,
    MethodNotAllowed,
    NotImplementedHere,
    ServerUnreachable,
    StrangeAnswer,
)
from mainstay.stores.http.failures import failure
from mainstay.wire.base import Own
from mainstay.wire.codec import Sent, decode_answer, encode_request
from mainstay.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

M = TypeVar("M", bound=msgspec.Struct)

CONNECT_SECONDS = 10.0
POOLED = 16
REFUSED = 429
"""The server did nothing yet: sending again is harmless whatever was asked."""
PASSING = (408, REFUSED, 502, 503, 504)
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0


class HttpClient:
    """A server's address, with pooled connections and the caller's credentials.

    ``uri`` may hold a user and password and a path that the server is mounted under. Credentials
    are those of the URI, else the settings ``TRACKING_USERNAME`` and ``TRACKING_PASSWORD``, else
    ``TRACKING_TOKEN``, read for each request.
    """

    def __init__(self, uri: str) -> None:
        self.uri, self._login = _split(uri)
        self._pool: PoolManager | None = None
        self._pid = 0

    def call(
        self,
        endpoint: Endpoint,
        request: msgspec.Struct,
        answer: type[M],
        *,
        method: str | None = None,
        again: bool | None = None,
        by: Principal = ANONYMOUS,
    ) -> M:
        """Send a request and return its answer, of type ``answer`` (the endpoint's response).

        ``again`` says whether sending twice is harmless; left out, the table says it. ``by`` is
        whom to claim to be where the server takes claims; credentials count for more.

        Raises:
            MainstayError: whatever the server answered, as the class it stands for.
            ServerUnreachable: nothing answered. NotImplementedHere: the endpoint is ours and the
            server is not.
        """
        method = method or endpoint.methods[0]
        sent = encode_request(endpoint, request, method)
        asked = f"{method} {self.uri}{endpoint.path}"
        patient = not endpoint.once if again is None else again
        status, body = self._exchange(method, sent, asked, again=patient, by=by)
        if 200 <= status < 300:
            return decode_answer(body, answer, packed=endpoint.answer == "msgpack")
        error = _redirected(status, asked) or failure(status, body, asked)
        if isinstance(request, Own) and isinstance(error, (EndpointNotFound, MethodNotAllowed)):
            raise NotImplementedHere(
                f"{self.uri} does not know {endpoint.path}: it is not a mainstay server, or an "
                "older one"
            ) from error
        raise error

    def headers(self, by: Principal = ANONYMOUS) -> dict[str, str]:
        """Return the headers of a request: who asks, with what program."""
        from urllib3.util import make_headers

        found = {"User-Agent": f"mainstay/{__version__}", "X-Mainstay-User": _claim(by)}
        user = settings.TRACKING_USERNAME.get()
        token = settings.TRACKING_TOKEN.get()
        login = self._login or (f"{user}:{settings.TRACKING_PASSWORD.get() or ''}" if user else "")
        if login:
            found["Authorization"] = make_headers(basic_auth=login)["authorization"]
        elif token:
            found["Authorization"] = f"Bearer {token}"
        return {name: value for name, value in found.items() if value}

    def close(self) -> None:
        """Close the pooled connections."""
        if self._pool is not None and self._pid == os.getpid():
            self._pool.clear()
        self._pool = None

    def _exchange(
        self, method: str, sent: Sent, asked: str, *, again: bool, by: Principal
    ) -> tuple[int, bytes]:
        """Send until there is an answer worth keeping, or the tries are used up."""
        from urllib3.exceptions import HTTPError, LocationValueError, NewConnectionError

        headers = self.headers(by)
        if sent.content_type:
            headers["Content-Type"] = sent.content_type
        tries = max(0, settings.HTTP_RETRIES.get())
        for attempt in range(tries + 1):
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt) * random.uniform(0.5, 1.0)
            try:
                answer = self.pool().request(
                    method, self.uri + sent.target, body=sent.body, headers=headers, redirect=False
                )
            except LocationValueError as error:
                raise BadInput(f"{self.uri!r} is not an address of a server: {error}") from error
            except HTTPError as error:
                # A connection that was never made carried nothing.
                harmless = again or isinstance(error, NewConnectionError)
                if attempt == tries or not harmless:
                    raise _unreachable(self.uri, error) from error
            else:
                harmless = answer.status == REFUSED or (again and answer.status in PASSING)
                if attempt == tries or not harmless:
                    return answer.status, answer.data
                wait = max(wait, _asked_wait(answer))
            time.sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def pool(self) -> PoolManager:
        """Return this process's connections; a forked child makes its own."""
        if self._pool is None or self._pid != os.getpid():
            self._pool, self._pid = _make_pool(self.uri), os.getpid()
        return self._pool


def _make_pool(uri: str) -> PoolManager:
    from urllib.request import getproxies, proxy_bypass

    from urllib3 import PoolManager, ProxyManager, Timeout

    limits: dict[str, Any] = {
        "maxsize": POOLED,
        "retries": False,
        "timeout": Timeout(connect=CONNECT_SECONDS, read=settings.HTTP_TIMEOUT.get()),
    }
    parts = urlsplit(uri)
    if parts.scheme == "https":
        limits |= _trust()
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return ProxyManager(proxy, **limits)
    return PoolManager(**limits)


def _trust() -> dict[str, Any]:
    """Return whose certificates to believe. Raises: BadInput if the file is not there."""
    if settings.TRACKING_INSECURE_TLS.get():
        return {"cert_reqs": "CERT_NONE", "assert_hostname": False}
    path = settings.TRACKING_SERVER_CERT_PATH.get()
    if path is None:
        return {"cert_reqs": "CERT_REQUIRED"}
    if not os.path.isfile(path):
        raise BadInput(f"MAINSTAY_TRACKING_SERVER_CERT_PATH={path!r} is not a file")
    return {"cert_reqs": "CERT_REQUIRED", "ca_certs": path}


def _split(uri: str) -> tuple[str, str]:
    """Return the address without credentials, and those as ``user:password``.

    Raises:
        BadInput: no host is named, or the port is none.
    """
    parts = urlsplit(uri)
    try:
        port = parts.port
    except ValueError as error:
        raise BadInput(f"the address of the server cannot be read: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(
            f"{uri!r} is not an address of a server; write http://host:port or https://host"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = f"{host}:{port}" if port is not None else host
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", "")), login


def _claim(by: Principal) -> str:
    """Return the name to claim: that of ``by``, else of this machine's user; header-safe."""
    name = ("" if by.name == ANONYMOUS.name else by.name) or by.claimed or _login_name()
    return name.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")[:250]


def _login_name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in this container
        return ""


def _asked_wait(answer: BaseHTTPResponse) -> float:
    """Return the seconds that the server asks to wait, within reason."""
    try:
        return min(_LONGEST_WAIT, max(0.0, float(answer.headers.get("Retry-After", "0"))))
    except ValueError:
        return 0.0


def _redirected(status: int, asked: str) -> MainstayError | None:
    if 300 <= status < 400:
        return StrangeAnswer(
            f"{asked} answered {status}, a redirect; use the address it leads to, or log in"
        )
    return None


def _unreachable(uri: str, error: Exception) -> ServerUnreachable:
    return ServerUnreachable(
        f"the server {uri} did not answer ({_reason(error)}); check that it runs and that the "
        "address is right"
    )


def _reason(error: Exception) -> str:
    text = str(error)
    _, _, tail = text.partition("Failed to establish a new connection: ")
    return (tail or text).strip().rstrip(".")
