"""A real container engine: Podman as root, with a base image made by debootstrap.

No registry of images is asked. The base image is made once and kept, also for later runs; every
other image that a test makes has a name of its own and is removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.support.parts import require
from tests.support.server import Door

BASE = "localhost/mainstay-test-base:bookworm"
START_SECONDS = 120.0
_CONF = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "{netns}"
[engine]
runtime = "runc"
[network]
network_backend = "{backend}"
"""


class Podman:
    """The engine, with settings of its own. ``environment`` is what a process needs to use it.

    Containers share the network of this machine, or with ``networks`` have networks of their own
    in which they find each other by name.
    """

    def __init__(self, folder: Path, *, networks: bool = False) -> None:
        require("containers", *(["container networks"] if networks else []))
        conf = folder / "containers.conf"
        conf.write_text(
            _CONF.format(
                netns="bridge" if networks else "host", backend="netavark" if networks else "cni"
            )
        )
        self.environment = {**os.environ, "CONTAINERS_CONF": str(conf)}
        self._images: list[str] = []

    def call(self, *arguments: str, seconds: float = 600) -> str:
        """Run a command of Podman and return what it prints."""
        done = subprocess.run(
            ["podman", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert done.returncode == 0, f"podman {' '.join(arguments)}: {done.stderr[-3000:]}"
        return done.stdout

    def base_image(self) -> str:
        """Return the name of an image with Debian's Python, made if it is not there yet."""
        with one_at_a_time():
            if not self.has(BASE):
                self._bootstrap()
        return BASE

    def has(self, image: str) -> bool:
        """Whether there is an image of this name."""
        done = subprocess.run(["podman", "image", "exists", image], env=self.environment)
        return done.returncode == 0

    def new_name(self) -> str:
        """Return a name for an image that is removed at the end."""
        name = f"localhost/mainstay-test-{uuid4().hex[:12]}:1"
        self._images.append(name)
        return name

    def inspect(self, image: str) -> dict[str, object]:
        """Return what an image says of itself."""
        found: dict[str, object] = json.loads(self.call("image", "inspect", image))[0]["Config"]
        return found

    def close(self) -> None:
        """Remove the images that this run made; the base stays."""
        for name in self._images:
            subprocess.run(
                ["podman", "rmi", "--force", name], env=self.environment, capture_output=True
            )

    def _bootstrap(self) -> None:
        with tempfile.TemporaryDirectory(prefix="mainstay-base-") as place:
            root = Path(place) / "root"
            include = "--include=python3,python3-venv,ca-certificates"
            subprocess.run(
                ["debootstrap", "--variant=minbase", include, "bookworm", str(root)],
                check=True,
                stdout=subprocess.DEVNULL,
                timeout=900,
            )
            with subprocess.Popen(
                ["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE
            ) as archive:
                subprocess.run(
                    ["podman", "import", "-", BASE],
                    stdin=archive.stdout,
                    env=self.environment,
                    check=True,
                    capture_output=True,
                    timeout=300,
                )


class Container(Door):
    """A container that runs until it is stopped. It shares the network of this machine."""

    def __init__(
        self,
        podman: Podman,
        image: str,
        *arguments: str,
        port: int,
        options: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"http://127.0.0.1:{port}")
        self.podman = podman
        given = [f"--env={key}={value}" for key, value in (environment or {}).items()]
        self.id = podman.call("run", "--detach", *given, *options, image, *arguments).strip()

    def wait_for(self, path: str) -> None:
        """Return when ``path`` answers 200."""
        self.wait_until_ok(
            path, log=lambda: self.log, running=lambda: self.running, seconds=START_SECONDS
        )

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._state("Running") == "true"

    @property
    def log(self) -> str:
        """What it wrote so far."""
        done = subprocess.run(
            ["podman", "logs", self.id], env=self.podman.environment, capture_output=True, text=True
        )
        return done.stdout + done.stderr

    def execute(self, *command: str) -> str:
        """Run a command inside and return what it prints."""
        return self.podman.call("exec", self.id, *command)

    def stop(self) -> int:
        """Tell it to stop, and return its exit code."""
        self.podman.call("stop", "--time", "40", self.id)
        return self.wait()

    def wait(self) -> int:
        """Return its exit code, once it has ended by itself."""
        return int(self.podman.call("wait", self.id).strip())

    def remove(self) -> None:
        """End it at once, if it runs, and remove it."""
        self.podman.call("rm", "--force", "--volumes", "--time", "0", self.id)

    def _state(self, field: str) -> str:
        return self.podman.call("inspect", "--format", f"{{{{.State.{field}}}}}", self.id).strip()


def free_port() -> int:
    """Return a port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one process of this machine make an image at a time."""
    with (Path(tempfile.gettempdir()) / "mainstay-test-base.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
