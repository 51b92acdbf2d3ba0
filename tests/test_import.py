"""``import mainstay`` is light, and its public face is what it says."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mainstay

HEAVY = (
    "alembic",
    "click",
    "matplotlib",
    "msgspec",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "starlette",
    "urllib3",
    "uvicorn",
    "yaml",
)


def loaded(code: str) -> set[str]:
    """Return the top-level modules of a fresh interpreter after some code."""
    script = (
        f"{code}\nimport sys; print(' '.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_import_loads_no_heavy_library() -> None:
    assert loaded("import mainstay") & set(HEAVY) == set()


def test_autolog_loads_no_library_to_record() -> None:
    heavy = set(HEAVY) - {"msgspec"}
    assert loaded("import mainstay; mainstay.autolog()") & heavy == set()


def test_the_fluent_face_and_the_client_load_no_store_and_no_frame() -> None:
    code = "import mainstay; mainstay.log_metric; mainstay.Client; mainstay.data; mainstay.flush()"
    heavy = set(HEAVY) - {"msgspec"}
    assert loaded(code) & heavy == set()


def test_the_public_face_is_sorted_and_every_name_is_there() -> None:
    assert mainstay.__all__ == sorted(mainstay.__all__)
    assert len(set(mainstay.__all__)) == len(mainstay.__all__)
    for name in mainstay.__all__:
        assert getattr(mainstay, name) is not None, name
    assert dir(mainstay) == mainstay.__all__


def test_the_stub_for_editors_names_the_same_things() -> None:
    stub = Path(mainstay.__file__).with_suffix(".pyi")
    tree = ast.parse(stub.read_text())
    listed = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert listed == mainstay.__all__
    bound = {alias.asname for n in tree.body if isinstance(n, ast.ImportFrom) for alias in n.names}
    assert bound | {"__version__"} == set(mainstay.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        mainstay.no_such_name  # type: ignore[attr-defined]
