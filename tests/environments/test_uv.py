"""Environments by uv: built once from a lock, with the running mainstay in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mainstay
from mainstay import settings
from mainstay.environments import managers, uv
from mainstay.errors import BadInput, MainstayError
from mainstay.packaging.environment_files import ModelEnvironment


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of this test's own for environments."""
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(tmp_path / "cache" / "models"))
    return tmp_path / "cache" / "environments"


def test_a_model_proves_its_lock_in_an_environment_of_its_own(caches: Path, tmp_path: Path) -> None:
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    mainstay.sklearn.save_model(model, tmp_path / "m", input_example=np.ones((1, 1)))
    python = _built(tmp_path / "m")
    assert python.is_relative_to(caches)
    program = "import mainstay, sklearn, sys; print(mainstay.__file__, sys.prefix)"
    said = _run(python, "-c", program, cwd=tmp_path)
    assert all(str(caches) in part for part in said.split())
    assert "equal" in _run(python, "-m", "mainstay", "models", "verify", "m", cwd=tmp_path)
    before = sorted(path.name for path in caches.iterdir())
    assert managers.python_for_model(tmp_path / "m", "uv") == python
    assert sorted(path.name for path in caches.iterdir()) == before


def test_a_requirement_that_does_not_exist_fails_with_what_uv_said(caches: Path) -> None:
    wanted = ModelEnvironment(
        python=".".join(map(str, sys.version_info[:3])),
        requirements=["./no-such-folder-of-a-package"],
    )
    with pytest.raises(MainstayError, match="could not be built"):
        uv.build(wanted)
    assert list(caches.iterdir()) == []


def test_without_uv_the_message_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match="pip install uv"):
        uv.uv()


def test_an_unknown_manager_is_refused_and_local_is_the_running_interpreter(tmp_path: Path) -> None:
    assert managers.python_for_model(tmp_path, "local") == Path(sys.executable)
    with pytest.raises(BadInput, match="known: local, uv"):
        managers.python_for_model(tmp_path, "pip")


@pytest.mark.parametrize("text", ["[", "- a", "dependencies: ['numpy = = 1']"])
def test_a_python_env_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "python_env.yaml").write_text(text)
    with pytest.raises(BadInput):
        uv.python_for(tmp_path, "python_env.yaml")


def _built(folder: Path) -> Path:
    """Build, or skip where packages cannot be fetched."""
    try:
        return managers.python_for_model(folder, "uv")
    except MainstayError as error:
        words = ("fetch", "connect", "dns", "network", "timed out")
        if (settings.REQUIRE.get() or "") or not any(w in error.message.lower() for w in words):
            raise
        pytest.skip("needs a package index that can be reached, or a filled uv cache")


def _run(python: Path, *arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [str(python), *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
