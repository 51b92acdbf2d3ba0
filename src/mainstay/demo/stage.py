"""What the play needs: a folder, servers in processes of their own, and a way to tell the story."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import click

from mainstay.client import Client
from mainstay.errors import MainstayError

T = TypeVar("T")
MODEL = "tumour"
PROJECT = Path(__file__).parent / "project"


class DemoFailed(MainstayError):
    """A step of the demo did not do what it says."""


@dataclass
class Stage:
    """The play's surroundings, and what one step leaves for the next."""

    folder: Path
    host: str
    port: int
    servers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    summary: list[tuple[str, str]] = field(default_factory=list)
    serving_url: str = ""
    sweep: list[str] = field(default_factory=list)
    winner: str = ""

    @property
    def url(self) -> str:
        """The tracking server's address."""
        return f"http://{self.host}:{self.port}"

    @property
    def project(self) -> Path:
        """The user's project, a copy in the demo's folder."""
        return self.folder / "project"

    @property
    def client(self) -> Client:
        """A client of the tracking server."""
        return Client(self.url)

    def environment(self) -> dict[str, str]:
        """The variables that a user would have set."""
        return {
            **os.environ,
            "MAINSTAY_TRACKING_URI": self.url,
            "MAINSTAY_EXPERIMENT_NAME": MODEL,
            "MAINSTAY_SPOOL_DIR": str(self.folder / "spool"),
            "MAINSTAY_CACHE_DIR": str(self.folder / "cache"),
            "PYTHONUNBUFFERED": "1",
        }

    # -- telling -----------------------------------------------------------------------------
    def step(self, number: int, title: str) -> None:
        """Begin a step."""
        click.echo()
        click.secho(f"{number}. {title}", bold=True)

    def say(self, text: str) -> None:
        """Tell what happened, in plain words."""
        click.echo(f"   {text}")

    def done(self, step: str, outcome: str) -> None:
        """End a step with one line for the closing table."""
        self.summary.append((step, outcome))

    def check(self, true: bool, otherwise: str) -> None:
        """Go on only if what the step promises came true. Raises: DemoFailed."""
        if not true:
            raise DemoFailed(otherwise)

    # -- doing -------------------------------------------------------------------------------
    def command(self, *arguments: str, expect: int = 0, quiet: bool = False) -> str:
        """Run a command as a user would type it and return what it printed.

        Raises:
            DemoFailed: its exit code is not ``expect``.
        """
        shown = ["mainstay", *arguments]
        click.secho(f"   $ {shlex.join(shown)}", fg="cyan")
        done = subprocess.run(
            [sys.executable, "-m", "mainstay", *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout if done.returncode == 0 else done.stdout + done.stderr
        if done.returncode != expect or "Traceback" in done.stderr:
            raise DemoFailed(
                f"`{shlex.join(shown)}` ended with {done.returncode} instead of {expect}:\n"
                + done.stdout
                + done.stderr
            )
        if not quiet:
            for line in output.rstrip().splitlines():
                click.echo(f"     {line}")
        return output

    def script(self, *arguments: str) -> str:
        """Run a Python script of the project as a user would and return what it printed."""
        click.secho(f"   $ python {shlex.join(arguments)}", fg="cyan")
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.project,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemoFailed(f"{arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, name: str, *arguments: str) -> None:
        """Start a server of ours in a process of its own, its output in a log file."""
        click.secho(f"   $ {shlex.join(['mainstay', *arguments])} &", fg="cyan")
        with (self.folder / f"{name}.log").open("wb") as log:
            self.servers[name] = subprocess.Popen(
                [sys.executable, "-m", "mainstay", *arguments],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    def wait(self, what: str, true: Callable[[], T | None], *, seconds: float = 30) -> T:
        """Ask until the answer is true and return it. Raises: DemoFailed after ``seconds``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, server in self.servers.items():
                if server.poll() is not None:
                    log = (self.folder / f"{name}.log").read_text(errors="replace")
                    raise DemoFailed(f"the {name} process ended:\n{log[-3000:]}")
            found = true()
            if found:
                return found
            time.sleep(0.1)
        raise DemoFailed(f"waited {seconds:.0f} s for {what}; it did not come")

    def stop(self) -> None:
        """End every server, the last started first."""
        for server in reversed(self.servers.values()):
            server.terminate()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        self.servers.clear()


def prepare(folder: Path, host: str, port: int) -> Stage:
    """Make the folder, with the project in it as a git repository.

    Raises:
        DemoFailed: the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DemoFailed(f"{folder} is not empty; remove it, or name another one with --dir")
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(folder=folder.resolve(), host=host, port=free_port(host, port))
    shutil.copytree(PROJECT, stage.project, ignore=shutil.ignore_patterns("__pycache__"))
    commit(stage.project, "The tumour project")
    return stage


def commit(project: Path, message: str) -> None:
    """Commit the project, so that runs can name the code they came from."""
    if shutil.which("git") is None:
        click.echo("   (git is not installed: runs will name no commit)")
        return
    who = ["-c", "user.name=demo", "-c", "user.email=demo@example.org"]
    if not (project / ".git").exists():
        subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    subprocess.run(["git", *who, "commit", "--quiet", "-m", message], cwd=project, check=True)


def free_port(host: str, wanted: int) -> int:
    """Return ``wanted`` if nothing listens there, else a port that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoFailed(f"no free port on {host}")
