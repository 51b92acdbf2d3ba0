"""What the tests of models share: a place of their own for spool and cache, and some data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mainstay.models import trust


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the cache to this test, and forget what this process wrote before."""
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("MAINSTAY_TRUST", raising=False)
    written = set(trust._written_here)
    trust._noticed.clear()
    yield
    trust._written_here.clear()
    trust._written_here.update(written)


@pytest.fixture(scope="session")
def iris() -> tuple[pd.DataFrame, pd.Series]:
    """150 flowers: four doubles, and one of three kinds."""
    return load_iris(return_X_y=True, as_frame=True)
