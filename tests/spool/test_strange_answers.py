"""Something in front of the server answers for it: nothing is lost or taken for refused."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mainstay.client import Client
from mainstay.connect import connect
from mainstay.entities.spool import CreateRun, LogBatch
from mainstay.errors import MainstayError, Unavailable
from mainstay.spool.segment import QUARANTINE, Target, segments
from mainstay.spool.sync import sync
from mainstay.spool.writer import Writer
from tests.spool.conftest import eventually, free_port
from tests.support.server import RunningServer

PAGE = b"<html><title>Please log in</title></html>"
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "a page": (200, "text/html", PAGE),
    "another JSON": (200, "application/json", b'{"status": "ok"}'),
    "bytes": (200, "application/msgpack", b"\xc1\xff\x00\x93" * 9),
    "nothing": (200, "application/json", b""),
    "a redirect": (302, "text/html", PAGE),
    "400": (400, "text/html", PAGE),
    "401": (401, "text/html", PAGE),
    "403": (403, "text/html", PAGE),
    "404": (404, "text/plain", b"404 page not found"),
    "405": (405, "text/html", PAGE),
    "418": (418, "text/html", PAGE),
    "500": (500, "text/html", PAGE),
    "503 in JSON": (503, "application/json", b'{"detail": "no upstream"}'),
}


class Stranger:
    """A server of nobody's that answers everything alike; ``heard`` counts requests."""

    def __init__(self, port: int = 0) -> None:
        self.answer = ANSWERS["a page"]
        self.heard = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.uri = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(stranger) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                if "chunked" in self.headers.get("Transfer-Encoding", ""):
                    while size := int(self.rfile.readline(), 16):
                        self.rfile.read(size + 2)
                    self.rfile.readline()
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                stranger.heard += 1
                status, kind, body = stranger.answer
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Location", "/login")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stranger]:
    monkeypatch.setenv("MAINSTAY_HTTP_REQUEST_MAX_RETRIES", "0")
    made = Stranger()
    yield made
    made.close()


@pytest.mark.parametrize("kind", ANSWERS)
def test_records_stay_whatever_answers_for_the_server(
    kind: str, stranger: Stranger, root: Path
) -> None:
    stranger.answer = ANSWERS[kind]
    writer = Writer(root, Target(uri=stranger.uri), cap=1 << 20)
    writer.append(CreateRun(run_id="1" * 32, experiment_id="0"))
    writer.append(LogBatch(run_id="1" * 32, values={"loss": 0.5}, timestamp=1))
    writer.close()
    before = writer.segment.chunk(1).read_bytes()
    (done,) = sync(root, lambda target: connect(target.uri))
    assert (done.state, done.refused) == ("failed", [])
    assert stranger.heard > 0
    assert writer.segment.chunk(1).read_bytes() == before
    assert not (root / QUARANTINE).exists()


@pytest.mark.parametrize("kind", ANSWERS)
def test_nobody_is_taken_for_a_foreign_server(kind: str, stranger: Stranger) -> None:
    stranger.answer = ANSWERS[kind]
    with connect(stranger.uri) as stores, pytest.raises(MainstayError) as raised:
        stores.tracking.is_mainstay()  # type: ignore[attr-defined]
    assert raised.value.status in (401, 403, 500, 503)


# Nothing, bytes and any JSON are how MLflow says that one file is there.
TOLD = [(kind, 1) for kind in ANSWERS if kind not in ("nothing", "bytes", "another JSON")]


@pytest.mark.parametrize(("kind", "count"), [*TOLD, *((kind, 2) for kind in ANSWERS)])
def test_a_file_is_not_there_because_a_page_said_so(
    kind: str, count: int, stranger: Stranger, tmp_path: Path
) -> None:
    stranger.answer = ANSWERS[kind]
    (tmp_path / "a.txt").write_text("kept")
    files = [(name, tmp_path / "a.txt") for name in ("a.txt", "b.txt")[:count]]
    with connect(stranger.uri) as stores, pytest.raises(MainstayError) as raised:
        stores.artifacts_at("mlflow-artifacts:/0/run/artifacts").write_many(files)  # type: ignore[attr-defined]
    if kind not in ("401", "403", "500"):
        assert isinstance(raised.value, Unavailable)


SCRIPT = """
import os, sys, time
import mainstay

mainstay.set_experiment("strange")
with mainstay.start_run() as run:
    print(run.info.run_id, flush=True)
    step = 0
    while not os.path.exists("stop"):
        mainstay.log_metric("loss", step, step=step)
        step += 1
        time.sleep(0.005)
    mainstay.log_text("kept", "a.txt")
    print(step, flush=True)
"""


def test_a_training_that_meets_strangers_first_goes_on_and_arrives_in_order(
    tmp_path: Path,
) -> None:
    port = free_port()
    stranger = Stranger(port)
    stranger.answer = ANSWERS["404"]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "MAINSTAY_TRACKING_URI": stranger.uri,
            "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
            "MAINSTAY_HTTP_REQUEST_MAX_RETRIES": "0",
            "MAINSTAY_END_WAIT": "120",
        },
    )
    try:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        assert run_id, "it ended at once"
        for kind in ("a page", "400", "a redirect"):
            stranger.answer = ANSWERS[kind]
            heard = stranger.heard
            eventually(lambda heard=heard: stranger.heard > heard)  # type: ignore[misc]
        stranger.close()
        with RunningServer(tmp_path / "server", "--port", str(port)) as server:
            (tmp_path / "stop").write_text("")
            count = int(process.stdout.readline())
            assert process.wait(180) == 0
            client = Client(server.url)
            steps = [point.step for point in client.get_metric_history(run_id, "loss")]
            assert steps == list(range(count))
            assert client.get_run(run_id).info.status == "FINISHED"
            assert "a.txt" in [file.path for file in client.list_artifacts(run_id)]
    finally:
        process.kill()
        process.communicate()
    assert segments(tmp_path / "spool") == []
