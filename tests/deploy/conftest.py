"""The image of the server, built once for all processes of a test run."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.containers import Podman, one_at_a_time
from tests.support.parts import PROJECT


@pytest.fixture(scope="session")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    engine = Podman(tmp_path_factory.mktemp("podman"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def image(
    podman: Podman, testrun_uid: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """What `make image` makes. The first process builds it, the last one removes it."""
    name = f"localhost/mainstay-test-server:{testrun_uid[:12]}"
    users = Path(tempfile.gettempdir()) / f"mainstay-test-server-{testrun_uid[:12]}"
    user = users / str(os.getpid())
    base = podman.base_image()
    with one_at_a_time():
        users.mkdir(exist_ok=True)
        user.touch()
        if not podman.has(name):
            build(podman, name, base, tmp_path_factory.mktemp("image"))
    yield name
    with one_at_a_time():
        user.unlink()
        if not any(users.iterdir()):
            users.rmdir()
            podman.call("rmi", "--force", name)


def build(podman: Podman, name: str, base: str, folder: Path) -> None:
    done = subprocess.run(
        [
            *("make", "--no-print-directory", "image", "ENGINE=podman", f"IMAGE={name}"),
            f"IMAGE_FOLDER={folder / 'context'}",
            f"BASE_IMAGE={base}",
        ],
        cwd=PROJECT,
        env=podman.environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
