"""What stands before every request: which host, which origin, and what every answer carries.

A page of another site must not be able to use a server on the reader's own machine. So the Host
header must name this server (a name that resolves to it by DNS rebinding does not), and a request
that changes something must not come from another origin. Programs send no Origin and pass.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mainstay.errors import AddressTooLong, HeadersTooLarge, MainstayError, PermissionDenied
from mainstay.server import requests
from mainstay.server.errors import answer

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PROBES = ("/health", "/livez", "/readyz")
"""Answered for any Host: load balancers ask by address. They say nothing but how we are."""

LONGEST_ADDRESS = 32 << 10
MOST_HEADERS = 32 << 10
"""In bytes. Stock clients put whole filters into addresses; no header of theirs is long."""

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
FILE_POLICY = "sandbox; default-src 'none'"

EVERYWHERE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
DEFAULTS: Mapping[str, str] = {"Content-Security-Policy": API_POLICY, "Cache-Control": "no-store"}


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


REQUEST_ID = requests.HEADER.encode()
_EVERYWHERE, _DEFAULTS = _raw(EVERYWHERE), _raw(DEFAULTS)


@dataclass(frozen=True)
class Neighbours:
    """Which Host values name this server, and which foreign origins may write.

    ``hosts`` are names (``*.example.org`` covers its subdomains; ``*`` covers all), with a port
    or without. Addresses of loopback and private networks always count.
    """

    hosts: Sequence[str] = ()
    origins: Sequence[str] = field(default=())

    def knows(self, host: str) -> bool:
        """Tell whether a Host header's value names this server."""
        name, port = _split(host)
        if not name or (port and not (port.isdigit() and int(port) < 65536)):
            return False
        if name == "localhost" or _is_near(name):
            return True
        return any(_covers(pattern.lower(), name, port) for pattern in self.hosts)

    def publishes(self, name: str, port: int) -> bool:
        """Tell whether a name, with a port, is one that this server was told it has."""
        patterns = (pattern.lower() for pattern in self.hosts if pattern != "*")
        return any(_covers(pattern, name.lower(), str(port)) for pattern in patterns)

    def admits(self, method: str, headers: Mapping[str, str], scheme: str) -> bool:
        """Tell whether a request may do something, by where a browser says it comes from."""
        origin = headers.get("origin")
        if method in SAFE_METHODS or (origin is not None and self.welcomes(origin)):
            return True
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return False
        return origin is None or origin.lower() == f"{scheme}://{headers.get('host', '')}".lower()

    def welcomes(self, origin: str) -> bool:
        """Tell whether an origin is on the list of those that may call."""
        return origin != "null" and (origin in self.origins or "*" in self.origins)


class Hardening:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, neighbours: Neighbours) -> None:
        self.app = app
        self.neighbours = neighbours
        # Callers name the same few hosts all day; others cannot fill it.
        self._named = lru_cache(256)(neighbours.knows)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on, and put the headers on whatever is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        welcome = origin is not None and self.neighbours.welcomes(origin)

        request_id = scope["request_id"] = requests.identify(headers)
        requests.current.set(request_id)

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                harden(message, request_id, origin if welcome else None)
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await answer(refusal)(scope, receive, send_hardened)
        elif welcome and scope["method"] == "OPTIONS":
            await _preflight()(scope, receive, send_hardened)
        else:
            await self.app(scope, receive, send_hardened)

    def passes(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Tell whether a request would be passed on; each of its headers stands there once."""
        return (
            self._named(headers.get("host", ""))
            and _size_refusal(scope) is None
            and self.neighbours.admits(scope["method"], headers, scope["scheme"])
        )

    def _refusal(self, scope: Scope, headers: Headers) -> MainstayError | None:
        hosts = headers.getlist("host")
        named = len(hosts) == 1 and self._named(hosts[0])
        if not named and scope["path"] not in PROBES:
            return PermissionDenied(
                "Invalid Host header: this server is not known by that name; start it with "
                "--allowed-hosts if it should be"
            )
        refusal = _size_refusal(scope)
        if refusal is not None:
            return refusal
        if not self.neighbours.admits(scope["method"], headers, scope["scheme"]):
            return PermissionDenied(
                "Cross-origin request refused: pages of other sites may not change anything here; "
                "start the server with --cors-allowed-origins if this one may"
            )
        return None


def _size_refusal(scope: Scope) -> MainstayError | None:
    if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
        return AddressTooLong(f"the address has more than {LONGEST_ADDRESS} bytes")
    if sum([len(name) + len(value) for name, value in scope["headers"]]) > MOST_HEADERS:
        return HeadersTooLarge(f"the headers have more than {MOST_HEADERS} bytes")
    return None


def harden(message: Message, request_id: str, origin: str | None = None) -> None:
    """Put the headers on an answer; no handler sets one of ``EVERYWHERE`` itself."""
    given = message["headers"] = list(message.get("headers", ()))
    names = {name for name, _ in given}
    given += _EVERYWHERE
    given += [(name, value) for name, value in _DEFAULTS if name not in names]
    given.append((REQUEST_ID, request_id.encode()))
    if origin is not None:
        headers = MutableHeaders(scope=message)
        headers["Access-Control-Allow-Origin"] = origin
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers.add_vary_header("Origin")


def _preflight() -> Response:
    allowed = {
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers=allowed)


def _split(host: str) -> tuple[str, str]:
    """Return name and port of a Host header, lower case; ("", "") for what is not one."""
    host = host.strip().lower()
    if host.startswith("["):
        name, bracket, rest = host[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return "", ""
        return name, rest[1:]
    name, _, port = host.partition(":")
    return (name, port) if ":" not in port else ("", "")


@lru_cache(1000)
def _is_near(name: str) -> bool:
    """Tell whether ``name`` is an address, written as one, of loopback or a private network."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or (address.is_private and not address.is_unspecified)


def _covers(pattern: str, name: str, port: str) -> bool:
    if pattern == "*":
        return True
    wanted, wanted_port = _split(pattern)
    if wanted_port and wanted_port != port:
        return False
    if wanted.startswith("*."):
        return name.endswith(wanted[1:])
    return name == wanted
