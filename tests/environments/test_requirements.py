"""Requirements: pinned as installed here, with the closure that they need."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from mainstay.environments import requirements
from mainstay.errors import BadInput


def test_modules_become_pinned_distributions() -> None:
    found = requirements.infer(["sklearn", "yaml", "json", "__main__", "not_there"])
    assert f"scikit-learn=={metadata.version('scikit-learn')}" in found
    assert f"pyyaml=={metadata.version('PyYAML')}" in found
    assert len(found) == 2


def test_the_loader_itself_is_never_listed() -> None:
    assert requirements.infer(["mainstay"]) == []
    assert not [line for line in requirements.lock(["mainstay"]) if line.startswith("mainstay")]


def test_a_lock_holds_the_whole_closure_exactly() -> None:
    found = dict(line.split("==") for line in requirements.lock(["scikit-learn"]))
    assert {"scikit-learn", "numpy", "scipy", "joblib", "threadpoolctl"} <= set(found)
    assert found["numpy"] == metadata.version("numpy")
    assert requirements.lock(["no-such-thing-anywhere"]) == []


def test_extra_requirements_replace_those_of_the_same_name() -> None:
    merged = requirements.merge(["a==1", "Scikit_Learn==1.0"], ["scikit-learn==2.0", "c"])
    assert merged == ["a==1", "scikit-learn==2.0", "c"]


def test_files_are_read_with_what_they_include(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("numpy>=1  # a comment\n\n# another\n")
    (tmp_path / "all.txt").write_text("-r base.txt\n--index-strategy x\npandas[test]==2.0\n")
    assert requirements.read(tmp_path / "all.txt") == [
        "numpy>=1",
        "--index-strategy x",
        "pandas[test]==2.0",
    ]


def test_a_line_that_is_no_requirement_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="numpy = = 1"):
        requirements.read(["numpy = = 1"])
    with pytest.raises(BadInput, match="nowhere"):
        requirements.read(tmp_path / "nowhere.txt")
    (tmp_path / "loop.txt").write_text("-r loop.txt\n")
    with pytest.raises(BadInput, match="without end"):
        requirements.read(tmp_path / "loop.txt")
