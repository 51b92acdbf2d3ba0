"""Where a project's command runs. Built in: ``local``, a child process on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from mainstay.client import Client
from mainstay.entities.runs import TERMINAL
from mainstay.environments.uv import python_for
from mainstay.errors import BadInput, MainstayError
from mainstay.plugins import PluginTable
from mainstay.projects.mlproject import Project

STOP_SECONDS = 10
"""How long a cancelled command may take to end before it is killed."""


class ProjectFailed(MainstayError):
    """The project's command failed."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One command of a project, ready to start."""

    run_id: str
    project: Project
    command: str
    env_manager: str
    variables: dict[str, str]


class SubmittedRun(Protocol):
    """A started command."""

    @property
    def run_id(self) -> str:
        """The id of its run."""
        ...

    def wait(self) -> None:
        """Wait for its end. Raises: ProjectFailed if it did not end well."""
        ...

    def get_status(self) -> Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]:
        """Return how it stands."""
        ...

    def cancel(self) -> None:
        """Stop it and wait until it is gone."""
        ...


class Backend(Protocol):
    """A place to run commands in."""

    def check(self, project: Project, env_manager: str) -> None:
        """Refuse what cannot run here before anything is recorded. Raises: BadInput."""
        ...

    def submit(self, job: Job, client: Client) -> SubmittedRun:
        """Start the command."""
        ...


class LocalBackend:
    """Runs the command in a child process, in this interpreter's environment or one built by uv."""

    def check(self, project: Project, env_manager: str) -> None:
        """Refuse environments this backend cannot make."""
        if project.docker_env is not None:
            raise BadInput(
                f"{project.folder} asks for a container (docker_env), which the local backend does "
                "not start; name python_env instead, or run it with --env-manager local after "
                "taking docker_env out"
            )
        if env_manager not in ("local", "uv"):
            raise BadInput(f"unknown environment manager {env_manager!r}; known are local and uv")

    def submit(self, job: Job, client: Client) -> SubmittedRun:
        """Start the command in the project's folder, its interpreter first on PATH."""
        python = Path(sys.executable)
        if job.env_manager == "uv":
            python = python_for(Path(job.project.folder), job.project.python_env)
        environment = {**os.environ, **job.variables}
        environment["PATH"] = os.pathsep.join([str(python.parent), environment.get("PATH", "")])
        process = subprocess.Popen(
            ["bash", "-c", job.command],
            cwd=job.project.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        return LocalRun(job.run_id, process, client)


class LocalRun:
    """A command in a child process of this one."""

    def __init__(self, run_id: str, process: subprocess.Popen[bytes], client: Client) -> None:
        self.run_id = run_id
        self._process = process
        self._client = client
        self._cancelled = False

    def wait(self) -> None:
        """Wait for the command and close its run."""
        try:
            code = self._process.wait()
        except KeyboardInterrupt:
            self.cancel()
            raise
        self._close(code)
        if code and not self._cancelled:
            raise ProjectFailed(
                f"the project's command ended with exit code {code}; "
                f"its output is above and its run is {self.run_id}"
            )

    def get_status(self) -> Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]:
        """Return how the command stands."""
        code = self._process.poll()
        if code is None:
            return "RUNNING"
        if self._cancelled:
            return "KILLED"
        return "FAILED" if code else "FINISHED"

    def cancel(self) -> None:
        """Stop the command and everything it started."""
        self._cancelled = True
        # The command leads its own session, so its group is all that it started.
        self._signal(signal.SIGTERM)
        try:
            code = self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            code = self._process.wait()
        self._close(code)

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def _close(self, code: int) -> None:
        status = "KILLED" if self._cancelled else ("FAILED" if code else "FINISHED")
        info = self._client.get_run(self.run_id).info
        if code or info.status not in TERMINAL:
            self._client.set_terminated(self.run_id, status=status)


BACKENDS: PluginTable[Backend] = PluginTable(
    "mainstay.backends", {"local": "mainstay.projects.backends:LOCAL"}
)
LOCAL = LocalBackend()
