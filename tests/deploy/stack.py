"""deploy/compose.yaml brought up: its own services, networks, volumes, options and order.

No registry of images is asked: each image but the server's is the base image of the tests with this
machine's programs: nginx, PostgreSQL and an S3-speaking server. What an official image does when
it starts (make the database that variables name) is written out here. All else is the file's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from tests.support.containers import BASE, Podman, free_port
from tests.support.parts import PROJECT, postgres_bin, require
from tests.support.s3 import MOTO
from tests.support.server import Door

FILE = PROJECT / "deploy" / "compose.yaml"
PASSWORDS = {
    "POSTGRES_PASSWORD": "of the database",
    "OBJECTS_PASSWORD": "of the objects",
    "ADMIN_PASSWORD": "correct horse battery",
}
SECONDS = 120.0
_DATABASE = """\
printf %s "$$POSTGRES_PASSWORD" > /tmp/password
initdb -N -E UTF8 -A scram-sha-256 -U "$$POSTGRES_USER" --pwfile=/tmp/password
echo "host all all all scram-sha-256" >> "$$PGDATA/pg_hba.conf"
echo "CREATE DATABASE $$POSTGRES_DB" | postgres --single -D "$$PGDATA" postgres
exec postgres -c listen_addresses=*
"""
_READY = "import urllib.request as r; r.urlopen('http://127.0.0.1:9000/moto-api/')"
_BUCKET = (
    "import urllib.request as r; r.urlopen(r.Request('http://objects:9000/mainstay', method='PUT'))"
)


class Stack(Door):
    """All services of the file. ``url`` is the balancer's."""

    def __init__(self, podman: Podman, image: str, folder: Path) -> None:
        require("nginx", "postgresql", "moto")
        self.podman = podman
        self.project = f"mainstay-test-{uuid4().hex[:8]}"
        port = free_port()
        super().__init__(f"http://127.0.0.1:{port}")
        self._folder = folder
        self._environment = {**podman.environment, **PASSWORDS}
        text: dict[str, Any] = yaml.safe_load(FILE.read_text())
        self._services = text["services"]
        _exchange(self._services, image, port)
        # Podman before 4.6 knows nothing of health in an order, and cannot start a part of one.
        self._order = {
            name: service.pop("depends_on", {}) for name, service in self._services.items()
        }
        (folder / "compose.yaml").write_text(yaml.safe_dump(text))
        shutil.copy(FILE.parent / "nginx.conf", folder)

    @property
    def network(self) -> str:
        """The network in which services find each other by name."""
        return f"{self.project}_default"

    def up(self) -> None:
        """Start all, each after what it depends on, as the file says it."""
        started: set[str] = set()
        for name in self._services:
            self._start(name, started)
        # A container runs before the program in it listens.
        self.wait_until_ok("/readyz", log=lambda: self.log("balancer"), seconds=SECONDS)

    def down(self) -> None:
        """Remove containers, volumes and the network."""
        self._compose("down", "--volumes", "--timeout", "0", check=False)

    def container(self, service: str, number: int = 1) -> str:
        """Return the name of a copy of a service."""
        return f"{self.project}_{service}_{number}"

    def log(self, service: str, number: int = 1) -> str:
        """What a copy of a service wrote."""
        done = subprocess.run(
            ["podman", "logs", self.container(service, number)],
            env=self.podman.environment,
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    def healthy(self, service: str, number: int = 1) -> bool:
        """Run the health check once, as systemd's timer would."""
        command = ["podman", "healthcheck", "run", self.container(service, number)]
        done = subprocess.run(command, env=self.podman.environment, capture_output=True)
        return done.returncode == 0

    def _start(self, name: str, started: set[str]) -> None:
        if name in started:
            return
        started.add(name)
        before = self._order[name]
        for other in before:
            self._start(other, started)
            condition = before[other]["condition"] if isinstance(before, dict) else ""
            if condition == "service_healthy":
                deadline = time.monotonic() + SECONDS
                while not self.healthy(other):
                    assert time.monotonic() < deadline, self.log(other)
                    time.sleep(0.2)
            elif condition == "service_completed_successfully":
                code = self.podman.call("wait", self.container(other)).strip()
                assert code == "0", self.log(other)
        self._compose("up", "--detach", name)

    def _compose(self, *arguments: str, check: bool = True) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "podman_compose", "-p", self.project, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert not check or done.returncode == 0, done.stderr[-3000:]


def _exchange(services: dict[str, Any], image: str, port: int) -> None:
    """Put images that are here in place of those of registries, and a free port of 5000."""
    for name, service in services.items():
        service["image"] = image if name in ("server", "prepare") else BASE
    balancer, database = services["balancer"], services["database"]
    balancer["ports"] = [f"127.0.0.1:{port}:8080"]
    balancer["volumes"].append("/usr:/usr:ro")
    balancer["tmpfs"] = ["/var/lib/nginx", "/var/log/nginx"]
    programs = postgres_bin()
    database.update(user="postgres", entrypoint=["/bin/sh", "-ec"], command=[_DATABASE])
    database["environment"].update(
        PATH=f"{programs}:/usr/bin:/bin", PGDATA="/var/lib/postgresql/data/here"
    )
    database["volumes"] += ["/usr:/usr:ro", "/etc/passwd:/etc/passwd:ro"]
    database["tmpfs"] = ["/var/run/postgresql:mode=1777"]
    objects, home = services["objects"], MOTO.parent.parent
    python = Path(os.path.realpath(home / "bin" / "python")).parent.parent
    objects.update(entrypoint=[str(MOTO)], command=["-H", "0.0.0.0", "-p", "9000"])
    objects["volumes"] += [f"{place}:{place}:ro" for place in {Path("/usr"), python, home}]
    objects["healthcheck"]["test"] = ["CMD", "python3", "-c", _READY]
    services["bucket"].update(entrypoint=["python3", "-c"], command=[_BUCKET])
