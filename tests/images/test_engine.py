"""Which container engine is used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mainstay.errors import BadInput, MainstayError
from mainstay.images import engine
from mainstay.images.engine import Engine


def install(folder: Path, name: str, script: str) -> str:
    """Put a program of that name into a folder."""
    program = folder / name
    program.write_text(f"#!{sys.executable}\nimport sys\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_an_engine_that_does_not_answer_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    install(tmp_path, "docker", "sys.exit('Cannot connect to the Docker daemon')")
    podman = install(tmp_path, "podman", "print('podman version 9')")
    assert engine.find() == Engine("podman", podman)
    assert engine.find("podman").podman is True
    with pytest.raises(BadInput, match="docker does not answer"):
        engine.find("docker")


def test_without_an_engine_the_message_says_what_each_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match=r"docker is not installed; podman is not.*generate-dock"):
        engine.find()
    with pytest.raises(BadInput, match="unknown engine"):
        engine.find("buildah")


def test_a_build_that_fails_says_so(tmp_path: Path) -> None:
    failing = Engine("docker", install(tmp_path, "docker", "sys.exit(3)"))
    with pytest.raises(MainstayError, match=r"could not build churn:7 .exit code 3"):
        failing.build(tmp_path, "churn:7")
    with pytest.raises(BadInput, match="not the name of an image"):
        failing.build(tmp_path, "Churn Model")
