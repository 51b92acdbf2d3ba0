"""A real nginx with TLS in front of a server, set up as docs/operations.md says it."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.containers import free_port
from tests.support.parts import PROJECT, require
from tests.support.server import RunningServer

HOST = "ml.example.org"
CREATE = "/api/2.0/mlflow/experiments/create"
LOCATION = re.compile(r"^# nginx\n(location / \{\n.*?^\})", re.MULTILINE | re.DOTALL)
SECONDS = 120.0


class Nginx:
    """The block of the page, behind a certificate for ``HOST`` and, on ``plain``, without TLS."""

    def __init__(self, folder: Path, server: str) -> None:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
        assert program is not None
        self.port, self.plain = free_port(), free_port()
        self.certificate = folder / "cert.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-keyout", str(folder / "key.pem"), "-out", str(self.certificate)),
                *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
            ],
            check=True,
            capture_output=True,
        )
        found = LOCATION.search((PROJECT / "docs" / "operations.md").read_text())
        assert found is not None
        block = found[1].replace("http://10.0.0.5:5000", server)
        places = " ".join(
            f"{kind}_temp_path {folder / kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = folder / "nginx.conf"
        config.write_text(
            f"daemon off; master_process off; pid {folder / 'pid'}; error_log {folder / 'log'};\n"
            "events {}\n"
            f"http {{ access_log off; {places}\n"
            f"server {{ listen 127.0.0.1:{self.port} ssl; ssl_certificate {self.certificate};\n"
            f"ssl_certificate_key {folder / 'key.pem'};\n{block}\n}}\n"
            f"server {{ listen 127.0.0.1:{self.plain};\n{block}\n}} }}\n"
        )
        self._process = subprocess.Popen(
            [program, "-c", str(config), "-e", str(folder / "log")], stderr=subprocess.PIPE
        )
        self._wait()

    def secure(self) -> http.client.HTTPSConnection:
        """Return a connection that checks the certificate as a browser does."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = _Named("127.0.0.1", self.port, timeout=SECONDS, context=context)
        return connection

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(SECONDS)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=5)
                connection.request("GET", "/health", headers={"Host": HOST})
                if connection.getresponse().read() == b"OK":
                    return
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        said = self._process.stderr.read() if self._process.stderr else b""
        self.stop()
        raise RuntimeError(f"nginx did not come up: {said.decode()}")


class _Named(http.client.HTTPSConnection):
    """Connects to an address and asks for the certificate of ``HOST``."""

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        context = self._context  # type: ignore[attr-defined]
        self.sock = context.wrap_socket(self.sock, server_hostname=HOST)


def created(connection: http.client.HTTPConnection, name: str, **headers: str) -> int:
    """Create an experiment as a page of ``https://HOST`` would, and return the status."""
    given = {
        "Host": HOST,
        "Content-Type": "application/json",
        "Origin": f"https://{HOST}",
        "Sec-Fetch-Site": "same-origin",
        **headers,
    }
    try:
        connection.request("POST", CREATE, json.dumps({"name": name}), given)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def directly(server: RunningServer, source: str) -> http.client.HTTPConnection:
    """Return a connection to the server itself, from another address of this machine."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    return http.client.HTTPConnection(host, int(port), timeout=SECONDS, source_address=(source, 0))


@pytest.fixture(scope="module", autouse=True)
def parts() -> None:
    require("nginx", "openssl")


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that believes the proxy at 127.0.0.1 and nobody else."""
    folder = tmp_path_factory.mktemp("trusting")
    options = ("--allowed-hosts", HOST, "--forwarded-allow-ips", "127.0.0.1")
    with RunningServer(folder, *options) as server:
        yield server


@pytest.fixture(scope="module")
def nginx(trusting: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    proxy = Nginx(tmp_path_factory.mktemp("nginx"), trusting.url)
    yield proxy
    proxy.stop()


def test_a_page_served_over_tls_writes_through_a_proxy_that_is_named(nginx: Nginx) -> None:
    assert created(nginx.secure(), "through the proxy") == 200


def test_what_a_client_says_of_itself_is_overwritten_by_the_proxy(nginx: Nginx) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", nginx.plain, timeout=SECONDS)
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3"}
    assert created(plain, "over plain http", **said) == 403


def test_others_who_send_the_headers_are_not_believed(
    trusting: RunningServer, nginx: Nginx
) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
    assert created(directly(trusting, "127.0.0.2"), "forged", **forged) == 403
    assert created(directly(trusting, "127.0.0.1"), "from the proxy's address", **forged) == 200


def test_a_server_that_names_no_proxy_believes_none(tmp_path: Path) -> None:
    with RunningServer(tmp_path / "server", "--allowed-hosts", HOST) as server:
        folder = tmp_path / "nginx"
        folder.mkdir()
        proxy = Nginx(folder, server.url)
        try:
            assert created(proxy.secure(), "through a stranger") == 403
        finally:
            proxy.stop()


def test_large_bodies_pass_whole_in_both_directions(nginx: Nginx) -> None:
    content = bytes(range(256)) * (32 * 1024)  # 8 MiB, above what nginx takes by itself
    path = "/api/2.0/mlflow-artifacts/artifacts/proxied/large.bin"
    connection = nginx.secure()
    try:
        connection.request("PUT", path, content, {"Host": HOST})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        connection.request("GET", path, headers={"Host": HOST})
        assert connection.getresponse().read() == content
    finally:
        connection.close()


def test_live_events_arrive_while_the_answer_goes_on(nginx: Nginx) -> None:
    stream = nginx.secure()
    try:
        stream.request("GET", "/api/mainstay/1.0/events/stream", headers={"Host": HOST})
        answer = stream.getresponse()
        assert answer.status == 200
        body = json.dumps({"name": "heard"})
        told = nginx.secure()
        path = "/api/2.0/mlflow/registered-models/create"
        told.request("POST", path, body, {"Host": HOST, "Content-Type": "application/json"})
        assert told.getresponse().status == 200
        told.close()
        while b"registered_model.created" not in (line := answer.readline()):
            assert line, "the stream ended"
    finally:
        stream.close()
