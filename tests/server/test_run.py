"""Starting and stopping: clear refusals, no traceback, nothing lost at the end."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.postgres import Cluster
from tests.support.server import RunningServer


def start(folder: Path, *options: str, command: str = "server") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mainstay", command, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def one_paragraph(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr, done.stderr
    text = done.stderr.strip()
    assert text.startswith("Error: "), text
    assert "\n\n" not in text
    return text


def test_a_port_in_use_is_one_clear_sentence_and_exit_code_1(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = start(tmp_path, "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} of 127.0.0.1 is in use" in one_paragraph(done)


@pytest.mark.parametrize(
    "uri", ["mysql://x/y", "nonsense", "http://localhost:5000", "./mlruns", "", "sqlite:///no/x.db"]
)
def test_a_store_that_is_no_database_is_a_usage_error(tmp_path: Path, uri: str) -> None:
    done = start(tmp_path, "--port", "0", "--backend-store-uri", uri)
    assert done.returncode in (1, 2)
    assert (done.returncode == 2) or uri.startswith("sqlite:")
    assert len(one_paragraph(done)) > 30


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    with RunningServer(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "mainstay.db") as connection:
        connection.execute("UPDATE mainstay_schema SET version_num = '9999'")
    connection.close()
    done = start(tmp_path, "--port", "0")
    assert done.returncode == 1
    assert "newer than this mainstay knows" in one_paragraph(done)


def test_a_server_for_everybody_wants_users_first(tmp_path: Path) -> None:
    done = start(tmp_path, "--port", "0", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "--allow-anonymous" in one_paragraph(done)
    with RunningServer(tmp_path, "--host", "0.0.0.0", "--allow-anonymous") as server:
        who = server.request("GET", "/api/mainstay/1.0/whoami").json["principal"]
        assert isinstance(who, dict)
        assert (who["authenticated"], who["role"]) == (False, "maintainer")


def test_with_no_options_the_database_and_the_files_are_in_this_folder(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server:
        server.request("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/a.txt", b"x")
    assert (tmp_path / "mainstay.db").is_file()
    assert (tmp_path / "mainstay-artifacts" / "0" / "a.txt").read_bytes() == b"x"


def test_ui_says_in_plain_words_where_it_is(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mainstay", "ui", "--port", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    process.terminate()
    assert process.wait(120) == 0
    process.stdout.close()
    assert line.startswith("mainstay is at http://localhost:")


def test_starting_on_a_current_database_imports_no_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; from mainstay.server.run import Options, check;"
        "check(Options(backend_store_uri='sqlite:///mainstay.db'));"
        "check(Options(backend_store_uri='sqlite:///mainstay.db'));"
        "print([name for name in ('alembic', 'pandas', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_runs_and_ends_with_0(tmp_path: Path, number: int) -> None:
    server = RunningServer(tmp_path)
    written: list[int] = []
    stopping = threading.Event()

    def write(worker: int) -> None:
        for step in range(10_000):
            try:
                answer = server.call(
                    "POST",
                    "/api/2.0/mlflow/experiments/create",
                    name=f"{worker}-{step}",
                )
            except OSError:
                assert stopping.is_set(), "a connection broke before the stop"
                return
            assert answer.status == 200, answer
            written.append(int(str(answer.json["experiment_id"])))

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(write, worker) for worker in range(4)]
        deadline = time.monotonic() + 120
        while len(written) < 50 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(written) >= 50, "the server was too slow to be stopped in mid-work"
        stopping.set()
        assert server.stop(number=number) == 0
        for job in jobs:
            job.result()
    assert len(written) >= 50
    with RunningServer(tmp_path) as again:
        for number_ in written:
            answer = again.request(
                "GET", f"/api/2.0/mlflow/experiments/get?experiment_id={number_}"
            )
            assert answer.status == 200, "an acknowledged experiment is gone"


def test_an_open_stream_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    place = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((place[0], int(place[2])), timeout=120) as listener:
        listener.sendall(b"GET /api/mainstay/1.0/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert listener.recv(4096).startswith(b"HTTP/1.1 200")
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 20


def test_an_upload_at_hand_is_finished_before_the_end(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=120) as client:
        client.sendall(
            b"PUT /api/2.0/mlflow-artifacts/artifacts/0/slow.bin HTTP/1.1\r\n"
            b"Host: localhost\r\nContent-Length: 10\r\n\r\nfirst"
        )
        # The server has the request when its half-written file is there.
        deadline = time.monotonic() + 120
        folder = tmp_path / "mainstay-artifacts" / "0"
        while not list(folder.glob("*")) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert list(folder.glob("*")), "the server never began to take the file"
        server.process.send_signal(signal.SIGTERM)
        client.sendall(b"other")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
    assert server.stop() == 0
    assert (folder / "slow.bin").read_bytes() == b"firstother"


def test_several_processes_share_one_port_and_one_database(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    uri = postgres_cluster.create_database()
    with RunningServer(tmp_path, "--workers", "2", "--backend-store-uri", uri) as server:
        names = [f"e{number}" for number in range(40)]
        with ThreadPoolExecutor(8) as pool:
            create = "/api/2.0/mlflow/experiments/create"
            made = list(pool.map(lambda name: server.call("POST", create, name=name), names))
        assert {answer.status for answer in made} == {200}
        ids = {str(answer.json["experiment_id"]) for answer in made}
        assert len(ids) == 40
        assert server.stop() == 0
    postgres_cluster.drop_database(uri)


def test_a_prefix_is_part_of_every_address(tmp_path: Path) -> None:
    with RunningServer(tmp_path, "--static-prefix", "/ml") as server:
        assert server.url.endswith("/ml")
        assert server.request("GET", "/ml/health").body == b"OK"
        found = server.request("GET", "/ml/api/2.0/mlflow/experiments/get?experiment_id=0")
        assert json.loads(found.body)["experiment"]["name"] == "Default"
        assert server.request("GET", "/ml").headers["location"] == "/ml/"
        assert server.request("GET", "/ml/models/churn").headers["location"] == "/ml/#/models/churn"
        assert server.request("GET", "/ml/").headers["content-type"].startswith("text/html")
