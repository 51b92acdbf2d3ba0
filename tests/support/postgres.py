"""A private PostgreSQL cluster on a free port, ended by its own process id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from tests.support.parts import postgres_bin

ACCOUNT = "postgres"


class Cluster:
    """One server with as many databases as asked for; no password, on 127.0.0.1 only."""

    def __init__(self) -> None:
        folder = postgres_bin()
        assert folder is not None
        self._bin = folder
        self._home = Path(tempfile.mkdtemp(prefix="mainstay-pg-"))
        self._as: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam(ACCOUNT)
            os.chown(self._home, account.pw_uid, account.pw_gid)
            self._as = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups"]
        self.user = ACCOUNT if self._as else pwd.getpwuid(os.geteuid()).pw_name
        self._call(
            "initdb",
            "-D",
            str(self._home / "data"),
            "-U",
            self.user,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "-N",
        )
        self._template: str | None = None
        self.port = _free_port()
        self._log = (self._home / "log").open("wb")
        self._start()

    @property
    def pid(self) -> int:
        """The number of the process that all others of the cluster are children of."""
        return self._process.pid

    def restart(self) -> None:
        """Stop at once, as a crash would, and start again."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=120)
        self._start()

    def create_database(self) -> str:
        """Create an empty database and return its address."""
        return self._created("")

    def create_with_tables(self) -> str:
        """Create a database as mainstay leaves a new one: a copy, which is quicker than its DDL."""
        from mainstay.stores.sql.database import Database  # for its driver see ``_run``

        if self._template is None:
            self._template = self.create_database()
            Database(self._template).close()
        return self._created(f" TEMPLATE {self._template.rpartition('/')[2]}")

    def _created(self, how: str) -> str:
        name = f"test_{uuid4().hex[:12]}"
        self._run(f"CREATE DATABASE {name}{how}")
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, uri: str) -> None:
        """Remove a database, whoever is still connected."""
        self._run(f"DROP DATABASE IF EXISTS {uri.rpartition('/')[2]} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._process.send_signal(signal.SIGINT)  # a fast shutdown
        try:
            self._process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=120)
        self._log.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _run(self, statement: str) -> None:
        import psycopg  # environments of peers have no driver, share our fixtures, and never ask

        address = f"postgresql://{self.user}@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, str(self._bin / program), *arguments],
            capture_output=True,
            text=True,
            cwd=self._home,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [
                *self._as,
                str(self._bin / "postgres"),
                *("-D", str(self._home / "data"), "-p", str(self.port), "-h", "127.0.0.1"),
                *("-k", "", "-c", "max_connections=200", "-c", "shared_buffers=32MB"),
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=self._home,
        )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            asked = subprocess.run(
                [str(self._bin / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-q"],
                cwd=self._home,
            )
            if asked.returncode == 0:
                return
            assert self._process.poll() is None, (self._home / "log").read_text()
            time.sleep(0.05)
        raise AssertionError("PostgreSQL did not start within 60 s")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
