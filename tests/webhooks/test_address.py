"""Where webhooks may lead: nowhere but to public addresses, however an address is spelled."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from mainstay.errors import BadInput
from mainstay.webhooks import address
from mainstay.webhooks.sending import Sender

REFUSED = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16.nothing.internal/",
    "https://192.0.0.192/",
    "https://168.63.129.16/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://240.0.0.1/",
    "https://203.0.113.7/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[ff02::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:1:2::3]/",
    "https://[fec0::1]/",
    "https://[2001:db8::1]/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://a.localhost/",
    "https://printer/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "http://93.184.216.34/",
    "ftp://93.184.216.34/",
    "file:///etc/passwd",
    "gopher://93.184.216.34/",
    "//93.184.216.34/",
    "93.184.216.34",
    "https:93.184.216.34",
    "https://",
    "https:///",
    "https://user@93.184.216.34/",
    "https://:@93.184.216.34/",
    "https://93.184.216.34:22/",
    "https://93.184.216.34:80/",
    "https://93.184.216.34:6379/",
    "https://93.184.216.34:99999/",
    "https://93.184.216.34:x/",
    "https://93.184.216.34#@127.0.0.1/",
    "https://93.184.216.34\\@127.0.0.1/",
    "https://127.0.0.1\\.example.org/",
    "https://exa_mple..org/",
    "https://[93.184.216.34]/",
    "https://[::1",
    "https://.example.org/",
    "https://-example.org./%",
    "https://1.2.3.4.5/",
    "https://0x5db8d822/",
    "https://1572395042/",
    "https://93.184.55330/",
    "https://①②⑦.⓪.⓪.①/",
    "https://ⓛocalhost/",
    "https://xn--.1/",
]


@pytest.mark.parametrize("url", [*REFUSED, "", " ", "https://93.184.216.34/ x", "https://a\n.org/"])
def test_what_is_no_public_https_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        Sender().check(url)
    assert refused.value.status == 400
    assert len(refused.value.message) > 20


@pytest.mark.parametrize(
    "url",
    [
        "https://93.184.216.34/",
        "https://93.184.216.34:8443/a/b?c=d",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/hook",
    ],
)
def test_a_public_address_over_https_is_taken(url: str) -> None:
    Sender().check(url)


def answering(*addresses: str) -> Any:
    """Return a resolver that knows one name under these addresses, one more at each call."""
    calls = iter(addresses)

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(calls), port))]

    return getaddrinfo


def test_a_name_that_resolves_to_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering("10.0.0.7"))
    with pytest.raises(BadInput, match="non-public IP address"):
        Sender().check("https://hooks.example.org/")


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("93.184.216.34", "::1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(BadInput, match="non-public"):
        Sender().check("https://hooks.example.org/")


def test_a_name_that_is_public_at_first_and_private_later_is_never_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        trap.settimeout(0.2)
        monkeypatch.setattr(socket, "getaddrinfo", answering("93.184.216.34", "127.0.0.1"))
        Sender().check("https://hooks.example.org/")
        outcome = Sender().send("https://hooks.example.org/", b"{}", delivery_id="d", secret=None)
        assert not outcome.success
        assert "non-public" in outcome.error
        with pytest.raises(TimeoutError):
            trap.accept()


def test_the_peer_of_a_connection_counts_whatever_was_resolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        port = trap.getsockname()[1]
        monkeypatch.setattr(socket, "getaddrinfo", answering("93.184.216.34", "127.0.0.1"))
        connect = socket.create_connection
        monkeypatch.setattr(
            socket, "create_connection", lambda _, seconds: connect(("127.0.0.1", port), seconds)
        )
        outcome = Sender().send("https://hooks.example.org/", b"{}", delivery_id="d", secret=None)
        assert "non-public" in outcome.error
        peer, _ = trap.accept()
        with peer:
            assert peer.recv(100) == b""  # connected, and not one byte was sent


def test_a_name_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(BadInput, match="cannot be resolved"):
        Sender().check("https://hooks.example.org/")


def test_a_closed_network_may_use_its_own_addresses_but_not_odd_spellings() -> None:
    sender = Sender(allow_private=True)
    sender.check("http://127.0.0.1:8080/hook")
    for url in ("http://user:pw@127.0.0.1/", "http://0x7f000001/", "ftp://127.0.0.1/", "http://"):
        with pytest.raises(BadInput):
            sender.check(url)


@pytest.mark.parametrize("number", range(0, 1 << 32, 7_340_033))
def test_every_address_that_carries_a_private_one_is_as_private(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    mapped = ipaddress.IPv6Address(f"::ffff:{plain}")
    assert address.is_public(mapped) == address.is_public(plain)
    assert not (address.is_public(plain) and plain.is_private)
