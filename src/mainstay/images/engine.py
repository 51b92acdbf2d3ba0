"""The container engine: found, asked, and told to build."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from mainstay.errors import BadInput, MainstayError

ENGINES = ("docker", "podman")
ANSWER_SECONDS = 20.0
BUILD_SECONDS = 3600.0

_NAME = re.compile(r"[a-z0-9]+(?:[._/:-]+[A-Za-z0-9_]+)*\Z")


class Engine(msgspec.Struct, frozen=True):
    """A container engine that answers."""

    name: str
    program: str

    def build(self, folder: Path, tag: str, *, platform: str | None = None) -> None:
        """Build the image of a folder; what the engine says goes to standard error.

        Raises: BadInput (not the name of an image), MainstayError (the build failed).
        """
        if not _NAME.match(tag):
            raise BadInput(
                f"{tag!r} is not the name of an image: lower-case letters and digits, parted by "
                "one of . _ - /, and a tag behind a colon"
            )
        # Podman's own format has no health checks.
        more = ["--format", "docker"] if self.podman else []
        if platform is not None:
            more += ["--platform", platform]
        command = [self.program, "build", *more, "-t", tag, str(folder)]
        try:
            done = subprocess.run(command, stdout=2, timeout=BUILD_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise MainstayError(f"the build of {tag} did not end within an hour") from None
        if done.returncode:
            raise MainstayError(
                f"{self.name} could not build {tag} (exit code {done.returncode}); what it said is "
                "above"
            )

    @property
    def podman(self) -> bool:
        """Whether it is Podman, also under the name of docker."""
        return "podman" in _said([self.program, "--version"]).lower()


def find(name: str | None = None, *, candidates: Sequence[str] = ENGINES) -> Engine:
    """Return the engine of that name, or the first that answers.

    Raises: BadInput if there is none; the message says what each of them lacks.
    """
    if name is not None and name not in ENGINES:
        raise BadInput(f"unknown engine {name!r}; known: {', '.join(ENGINES)}")
    troubles = []
    for one in (name,) if name else candidates:
        program = shutil.which(one)
        if program is None:
            troubles.append(f"{one} is not installed")
        elif not _answers(program):
            troubles.append(f"{one} does not answer (is its daemon running?)")
        else:
            return Engine(one, program)
    raise BadInput(
        f"no container engine: {'; '.join(troubles)}. `mainstay models generate-dockerfile` writes "
        "the folder without one"
    )


def _answers(program: str) -> bool:
    """Docker's client asks its daemon for this; Podman has none and answers itself."""
    return bool(_said([program, "version", "--format", "{{.Server.Version}}"]))


def _said(command: Sequence[str]) -> str:
    """Return what a command prints; "" where it fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
