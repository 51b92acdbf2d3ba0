"""Every option of MLflow's autolog is here under its name, in its order."""

from __future__ import annotations

import importlib
import inspect

import pytest

from tests.support.parts import library

library("mlflow")

FACES = (
    *("sklearn", "xgboost", "lightgbm", "pytorch", "keras", "tensorflow", "transformers"),
    *("statsmodels", "pyspark.ml", "spark"),
)


@pytest.mark.parametrize("face", FACES)
def test_the_options_of_a_library_have_mlflows_names(face: str) -> None:
    ours = parameters(f"mainstay.{face}")
    theirs = parameters(f"mlflow.{face}")
    assert [name for name in ours if name in theirs] == theirs


def parameters(module: str) -> list[str]:
    """Return the names of an ``autolog``'s parameters."""
    return list(inspect.signature(importlib.import_module(module).autolog).parameters)
