"""Real parts that a machine may lack: a test that needs one skips with how to install it.

With ``MAINSTAY_REQUIRE=all`` (or a comma-separated list of parts) the lack is a failure.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from mainstay import settings

PROJECT = Path(__file__).resolve().parents[2]
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
CHROMIUM = Path("/usr/bin/chromium")
MLFLOW_PYTHON = PROJECT / ".peers" / "mlflow" / "bin" / "python"
MLFLOW2_PYTHON = PROJECT / ".peers" / "mlflow2" / "bin" / "python"


def postgres_bin() -> Path | None:
    """Return the folder that holds ``initdb``, newest version first, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


PARTS: dict[str, tuple[Callable[[], bool], str]] = {
    "postgresql": (lambda: postgres_bin() is not None, "apt-get install postgresql"),
    "chromium": (CHROMIUM.exists, "apt-get install chromium"),
    "mlflow": (MLFLOW_PYTHON.exists, "make peers (a virtual environment with the mlflow package)"),
    "mlflow2": (MLFLOW2_PYTHON.exists, "make peers (another one, with the last mlflow 2)"),
    "moto": (
        (PROJECT / ".peers" / "moto" / "bin" / "moto_server").exists,
        "make peers (an S3-speaking server in a virtual environment)",
    ),
    "containers": (
        lambda: os.geteuid() == 0 and all(map(shutil.which, ("podman", "runc", "debootstrap"))),
        "as root: apt-get install podman buildah runc debootstrap",
    ),
    "gcc": (lambda: shutil.which("gcc") is not None, "apt-get install gcc"),
    "container networks": (
        lambda: (
            all(
                map(
                    Path.exists, map(Path("/usr/lib/podman").joinpath, ("netavark", "aardvark-dns"))
                )
            )
            and shutil.which("catatonit") is not None
        ),
        "apt-get install netavark aardvark-dns catatonit",
    ),
    "nginx": (
        lambda: shutil.which("nginx", path="/usr/sbin:/usr/bin") is not None,
        "apt-get install nginx-light",
    ),
    "node": (lambda: shutil.which("node") is not None, "install Node.js 20 or newer"),
    "openssl": (lambda: shutil.which("openssl") is not None, "apt-get install openssl"),
    "ui": (
        lambda: (PROJECT / "src/mainstay/server/static/index.html").exists(),
        "make ui (builds the web UI)",
    ),
    "playwright": (lambda: importlib.util.find_spec("playwright") is not None, "make venv"),
}


def library(name: str) -> ModuleType:
    """Import a library that has an environment of its own; without it the test module skips."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise
    message = f"needs {name}: make test-flavors (an environment with the libraries of models)"
    demanded = (settings.REQUIRE.get() or "").split(",")
    if "all" in demanded or name in demanded:
        pytest.fail(message, pytrace=False)
    pytest.skip(message, allow_module_level=True)


def require(*parts: str) -> None:
    """Skip the test, or fail it where the part is demanded, if a part is missing."""
    demanded = (settings.REQUIRE.get() or "").split(",")
    for part in parts:
        there, hint = PARTS[part]
        if there():
            continue
        message = f"needs {part}: {hint}"
        if "all" in demanded or part in demanded:
            pytest.fail(message)
        pytest.skip(message)
