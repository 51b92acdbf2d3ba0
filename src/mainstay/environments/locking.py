"""Add hashes to the exact pins of a lock, from whichever package index uv is configured with."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mainstay.environments import requirements, uv
from mainstay.errors import BadInput, Unavailable
from mainstay.packaging import environment_files

SECONDS = 300.0
"""What uv may take to ask the index about every pin."""


def is_hashed(lines: Sequence[str]) -> bool:
    """Say whether every line of a lock carries a hash; an empty lock carries all it can."""
    return all("--hash=" in line for line in lines)


def pins(lines: Sequence[str]) -> list[str]:
    """Return a lock's lines without hashes.

    >>> pins(["numpy==2.4.4 --hash=sha256:00 --hash=sha256:01"])
    ['numpy==2.4.4']
    """
    return [line.partition(" --hash=")[0].strip() for line in lines]


def with_hashes(lines: Sequence[str], python: str, *, seconds: float = SECONDS) -> list[str]:
    """Return the same pins, each with the hashes of every file that the index has of it.

    ``python`` is the version that they are for. uv asks the index; nothing is installed.
    Raises: BadInput (no uv, or a pin the index does not have), Unavailable (no index answers).
    """
    wanted = pins(lines)
    with tempfile.TemporaryDirectory(prefix="mainstay-lock-") as place:
        listed = Path(place) / "lock.in"
        listed.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        command = [
            *(uv.uv(), "pip", "compile", "--quiet", "--generate-hashes", "--no-deps"),
            *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
            *("--python-version", python, str(listed)),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"the package index did not answer within {seconds:.0f} s") from error
    if done.returncode:
        raise _refusal(done.stderr)
    found = environment_files.lines(done.stdout)
    if sorted(map(_key, pins(found))) != sorted(map(_key, wanted)) or not is_hashed(found):
        raise BadInput("the index gave no hash for some of the pins; the lock stays as it is")
    return sorted(found)


def _key(line: str) -> str:
    name, _, version = line.partition("==")
    return f"{requirements.normal(name.strip())}=={version.strip()}"


def _refusal(said: str) -> Unavailable | BadInput:
    text = " ".join(said.split())[-600:]
    away = ("network", "connect", "dns", "timed out", "error sending request", "fetch")
    if any(word in said.lower() for word in away):
        return Unavailable(f"no package index answered: {text}")
    return BadInput(f"the index does not have all pins: {text}")
