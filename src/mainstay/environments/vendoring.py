"""Install what a model needs into a plain folder, for an image or another machine.

uv runs here, on the machine that builds: what it downloads through, and its credentials, never
reach the image, and the image is built without a network.
"""

from __future__ import annotations

import platform
import shutil
import sys
import zipfile
from importlib import metadata
from pathlib import Path

from mainstay.environments import requirements, uv, wheel
from mainstay.errors import BadInput, MainstayError
from mainstay.packaging.environment_files import ModelEnvironment

OLDEST_GLIBC = "2_28"
"""Wheels are taken that run from this C library on: Debian 10, Ubuntu 20.04, RHEL 8 and newer."""

ARCHITECTURES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}


def architecture(wanted: str | None = None) -> str:
    """Return a processor as uv names it; None is this machine's. Raises: BadInput."""
    name = (wanted or platform.machine()).lower().removeprefix("linux/")
    if name not in ARCHITECTURES:
        raise BadInput(f"no image is made for {name!r}; choose linux/amd64 or linux/arm64")
    return ARCHITECTURES[name]


def install(environment: ModelEnvironment, folder: Path, *, processor: str) -> list[str]:
    """Install an environment, with the running mainstay, into ``folder``; return its exact pins.

    ``processor`` is one of ``architecture``'s. On a machine of another kind only wheels can be
    used: nothing is compiled for a machine that is not there.
    Raises: BadInput (no uv), MainstayError (the step failed; what uv said).
    """
    lines = environment.lock or environment.requirements
    lines = [line for line in lines if _name(line) not in requirements.OWN]
    folder.mkdir(parents=True, exist_ok=True)
    notes = folder.parent / f".{folder.name}"
    notes.mkdir()
    try:
        listed = notes / "requirements.txt"
        packed = wheel.build(notes)
        listed.write_text("\n".join([*lines, str(packed)]) + "\n", encoding="utf-8")
        foreign = sys.platform != "linux" or ARCHITECTURES.get(platform.machine()) != processor
        uv.run(
            [
                *(uv.uv(), "pip", "install", "--quiet", "--target", str(folder)),
                *("--python-version", minor(environment.python)),
                *("--python-platform", f"{processor}-manylinux_{OLDEST_GLIBC}"),
                *(("--only-binary", ":all:") if foreign else ()),
                *("-r", str(listed)),
            ]
        )
    finally:
        shutil.rmtree(notes, ignore_errors=True)
    # Programs of packages name the interpreter of this machine; nothing in an image calls them.
    shutil.rmtree(folder / "bin", ignore_errors=True)
    return pins(folder)


def unpack_own(folder: Path) -> None:
    """Put the running mainstay alone into ``folder``, which is made."""
    folder.mkdir(parents=True)
    packed = wheel.build(folder / ".packed")
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    shutil.rmtree(folder / ".packed")


def pins(folder: Path) -> list[str]:
    """Return ``name==version`` of each distribution in a folder."""
    found = metadata.distributions(path=[str(folder)])
    return sorted({f"{requirements.normal(one.name)}=={one.version}" for one in found})


def minor(version: str) -> str:
    """Return the first two parts of a Python version. Raises: MainstayError if it has none.

    >>> minor("3.11.7")
    '3.11'
    """
    parts = version.split(".")
    if len(parts) < 2 or not all(part.isdecimal() for part in parts[:2]):
        raise MainstayError(f"the model asks for Python {version!r}, which is no version")
    return ".".join(parts[:2])


def _name(line: str) -> str:
    return requirements.normal(line.split("==")[0].split("[")[0].strip())
