"""Where a webhook may lead: to public addresses over https, and nowhere else.

The same rules hold when a webhook is made, when its name is resolved before each delivery, and for
the peer of the connection, so that a name which changes its address in between gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from mainstay.errors import BadInput

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = (443, 8443)
"""Ports of https; others reach services that were not meant to be spoken to."""

LONGEST = 2048
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*\.?\Z")
_NUMERIC = re.compile(r"(0x[0-9a-f]*|\d+)\Z")
_TRANSLATED = tuple(
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
"""IPv6 networks that stand for IPv4 addresses: NAT64, 6to4 and Teredo."""

_CLOUDS = tuple(ipaddress.ip_network(net) for net in ("192.0.0.0/24", "168.63.129.16/32"))
"""Services of a cloud for its own machines at addresses that count as public."""


class ForbiddenAddress(BadInput):
    """A webhook may not lead there."""


@dataclass(frozen=True)
class Target:
    """A checked URL in parts. ``path`` has the query."""

    host: str
    port: int
    path: str
    tls: bool

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == (443 if self.tls else 80) else f"{shown}:{self.port}"


def parse(url: str, *, allow_private: bool = False) -> Target:
    """Read a webhook's URL; nothing is looked up.

    Raises:
        BadInput: it is no URL, not https, names a user or an odd port, or spells an address oddly.
    """
    if not url.strip():
        raise BadInput(f"Webhook URL cannot be empty or just whitespace: {url!r}")
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>'):
        raise BadInput(
            "the webhook URL must be at most 2048 plain ASCII characters, percent-encoded"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput(f"the webhook URL cannot be read: {error}") from None
    allowed = ("https", "http") if allow_private else ("https",)
    if parts.scheme not in allowed:
        raise BadInput(
            f"Invalid webhook URL scheme: '{parts.scheme}'. Allowed schemes are: "
            f"{', '.join(allowed)}."
        )
    if "@" in parts.netloc:
        raise BadInput("a webhook URL may not hold a user name or password; sign with a secret")
    if parts.fragment:
        raise BadInput("a webhook URL has no part behind '#'")
    tls = parts.scheme == "https"
    number = port if port is not None else (443 if tls else 80)
    if number not in PORTS and not allow_private:
        raise BadInput(f"a webhook URL uses port 443 or 8443, not {number}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(_host(parts.hostname or "", allow_private), number, path, tls)


def resolve(target: Target, *, allow_private: bool = False) -> list[IP]:
    """Return the addresses of a target, each of them permitted.

    Raises:
        ForbiddenAddress: one of them is not public. BadInput: the name has none.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadInput(f"the host {target.host!r} of the webhook cannot be resolved") from error
    addresses = list(dict.fromkeys(_address(str(entry[4][0])) for entry in found))
    for address in addresses:
        permit(address, target.host, allow_private=allow_private)
    return addresses


def permit(address: IP, host: str, *, allow_private: bool = False) -> None:
    """Refuse an address that is not public. Raises: ForbiddenAddress."""
    if not allow_private and not is_public(address):
        raise ForbiddenAddress(
            f"Webhook URL must not resolve to a non-public IP address: {host!r} does. A server for "
            "a closed network is started with --webhook-allow-private"
        )


def is_public(address: IP) -> bool:
    """Tell whether an address is one of the open internet.

    >>> is_public(ipaddress.ip_address("169.254.169.254"))
    False
    """
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None:
        return is_public(mapped)
    if isinstance(address, ipaddress.IPv6Address):
        # An address that carries an IPv4 address may lead to a private one.
        if any(address in net for net in _TRANSLATED) or int(address) < 1 << 32:
            return False
        if address.is_site_local:
            return False
    if any(address in net for net in _CLOUDS):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_link_local
    )


def _host(host: str, allow_private: bool) -> str:
    if not host:
        raise BadInput("the webhook URL names no host")
    try:
        address = _address(host)
    except ValueError:
        pass
    else:
        permit(address, host, allow_private=allow_private)
        return str(address)
    labels = host.rstrip(".").split(".")
    if not _NAME.match(host) or _NUMERIC.match(labels[-1]):
        raise BadInput(
            f"{host!r} is no host name; addresses are written as 203.0.113.7 or [2001:db8::7]"
        )
    if not allow_private and (len(labels) < 2 or labels[-1] in ("localhost", "local", "internal")):
        raise ForbiddenAddress(
            f"Webhook URL must not resolve to a non-public IP address: {host!r} is a local name"
        )
    return host


def _address(text: str) -> IP:
    if "%" in text:
        raise ValueError("an address with a zone is a local one")
    return ipaddress.ip_address(text)
