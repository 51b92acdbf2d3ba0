"""Send one delivery: to a permitted peer, without proxy, redirect or patience, and say what came.

Of the answer only the status is read. The whole exchange has a deadline, whatever the peer does.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from mainstay import __version__
from mainstay.errors import BadInput
from mainstay.webhooks import address, signing

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0


@dataclass(frozen=True)
class Outcome:
    """What came of sending: a status, or why there is none. ``seconds`` is how long it took."""

    status: int | None
    error: str
    seconds: float

    @property
    def success(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Sender:
    """Sends to public addresses over https; with ``allow_private`` to any, and over http too."""

    allow_private: bool = False

    def check(self, url: str) -> None:
        """See that a webhook may lead to ``url``. Raises: BadInput."""
        target = address.parse(url, allow_private=self.allow_private)
        address.resolve(target, allow_private=self.allow_private)

    def send(self, url: str, body: bytes, *, delivery_id: str, secret: str | None) -> Outcome:
        """Send once. Whatever goes wrong is in the outcome; nothing is raised."""
        begun = time.monotonic()
        status: int | None = None
        try:
            status = self._post(url, body, delivery_id, secret)
            error = "" if 200 <= status < 300 else _refused(status)
        except BadInput as failure:
            error = failure.message
        except ssl.SSLError as failure:
            error = f"the receiver's certificate or TLS is not acceptable: {failure.reason}"
        except TimeoutError:
            error = f"no answer within {TOTAL_SECONDS:.0f} s"
        except (OSError, http.client.HTTPException) as failure:
            error = f"no answer: {type(failure).__name__}"
        return Outcome(status, error, time.monotonic() - begun)

    def _post(self, url: str, body: bytes, delivery_id: str, secret: str | None) -> int:
        target = address.parse(url, allow_private=self.allow_private)
        addresses = address.resolve(target, allow_private=self.allow_private)
        timestamp = str(int(time.time()))
        headers = {
            "Host": target.authority,
            "Content-Type": "application/json",
            "User-Agent": f"mainstay/{__version__}",
            **signing.headers(secret, delivery_id=delivery_id, timestamp=timestamp, body=body),
        }
        with self._connected(target, addresses) as peer:
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = peer
            connection.request("POST", target.path, body, headers)
            return connection.getresponse().status

    @contextmanager
    def _connected(
        self, target: address.Target, addresses: list[address.IP]
    ) -> Iterator[socket.socket]:
        """Give a socket to a permitted peer that is cut off at the deadline."""
        peer = self._connect(target, addresses)
        expired = threading.Event()
        if target.tls:
            try:
                context = ssl.create_default_context()
                peer = context.wrap_socket(peer, server_hostname=target.host)
            except BaseException:
                peer.close()
                raise
        watch = threading.Timer(TOTAL_SECONDS, _cut, (peer, expired))
        watch.daemon = True
        watch.start()
        try:
            yield peer
        except (OSError, http.client.HTTPException) as error:
            if expired.is_set():
                raise TimeoutError from error
            raise
        finally:
            watch.cancel()
            peer.close()

    def _connect(self, target: address.Target, addresses: list[address.IP]) -> socket.socket:
        last: OSError | None = None
        for one in addresses[:4]:
            try:
                peer = socket.create_connection((str(one), target.port), CONNECT_SECONDS)
            except OSError as error:
                last = error
                continue
            # What we are connected to counts, not what the name said a moment ago.
            name = str(peer.getpeername()[0]).partition("%")[0]
            try:
                address.permit(
                    ipaddress.ip_address(name), target.host, allow_private=self.allow_private
                )
            except BaseException:
                peer.close()
                raise
            peer.settimeout(TOTAL_SECONDS)
            return peer
        raise last or OSError("no address")


def _cut(peer: socket.socket, expired: threading.Event) -> None:
    expired.set()
    with suppress(OSError):  # it may be gone already
        peer.shutdown(socket.SHUT_RDWR)


def _refused(status: int) -> str:
    if 300 <= status < 400:
        return f"the receiver answered {status}, a redirect, and those are not followed"
    return f"the receiver answered {status}"
