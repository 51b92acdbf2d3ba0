"""https: the server's certificate is checked, against the file that a setting names."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from mainstay.errors import BadInput, ServerUnreachable
from mainstay.stores.http import HttpClient, HttpTracking
from tests.stores.http.scripted import scripted
from tests.support.parts import require

RUN = b'{"run": {"info": {"run_id": "r", "experiment_id": "1"}}}'


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate of its own making, with its key in the same file."""
    require("openssl")
    monkeypatch.setenv("MAINSTAY_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.delenv("MAINSTAY_TRACKING_SERVER_CERT_PATH", raising=False)
    monkeypatch.delenv("MAINSTAY_TRACKING_INSECURE_TLS", raising=False)
    key, both = tmp_path / "key.pem", tmp_path / "both.pem"
    command = [
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", str(key), "-out", str(both)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    with both.open("ab") as end:
        end.write(key.read_bytes())
    return both


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_server_that_nobody_vouches_for_is_not_talked_to(tls: ssl.SSLContext) -> None:
    with scripted((200, RUN), tls=tls) as server:
        with pytest.raises(ServerUnreachable, match="certificate verify failed"):
            HttpTracking(HttpClient(server.url)).get_run("r")
        assert server.asked == []


def test_a_certificate_that_a_setting_names_is_believed(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(certificate))
    with scripted((200, RUN), tls=tls) as server:
        assert HttpTracking(HttpClient(server.url)).get_run("r").info.run_id == "r"


def test_checking_can_be_switched_off(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    with scripted((200, RUN), tls=tls) as server:
        assert HttpTracking(HttpClient(server.url)).get_run("r").info.run_id == "r"


def test_a_certificate_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_TRACKING_SERVER_CERT_PATH", "/no/such.pem")
    with pytest.raises(BadInput, match=r"/no/such\.pem"):
        HttpTracking(HttpClient("https://127.0.0.1:1")).get_run("r")
