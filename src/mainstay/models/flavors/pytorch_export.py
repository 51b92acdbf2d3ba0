"""PyTorch modules as programs of ``torch.export``, where they answer the same.

A program holds operators and arrays and no class, so it loads without the user's code, and without
trust where ``pytorch_programs`` finds nothing but arithmetic in it. It can no longer be trained.
"""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors import pytorch_programs

FILE = "model.pt2"
_NOISY = ("torch.export", "torch.fx", "torch._dynamo", "torch._export")
_FAILURES = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What torch raises while it traces or reads a program: it has no exception of its own."""


def tensor(data: Any) -> torch.Tensor:
    """Return data as the module takes them: a table as one array of float32."""
    table = isinstance(data, pd.DataFrame)
    values = data.to_numpy(dtype=np.float32) if table else np.asarray(data)
    return torch.from_numpy(np.ascontiguousarray(values))


def write(model: torch.nn.Module, path: Path, example: Any) -> None:
    """Write the module as a program that takes any number of rows.

    Raises: BadInput: there is no example, it cannot be traced, or it answers otherwise then.
    """
    if example is None:
        raise BadInput("a program of torch.export is traced on an input_example; give one")
    ready = copy.deepcopy(model).cpu().eval()
    try:
        rows = tensor(example)
        traced = torch.cat([rows, rows]) if len(rows) == 1 else rows  # one row would stay one
        with torch.no_grad(), _quiet():
            program = torch.export.export(
                ready, (traced,), dynamic_shapes=({0: torch.export.Dim.AUTO},), strict=False
            )
            for node in program.graph.nodes:
                node.meta.pop("stack_trace", None)  # lines and paths of the user's code
            torch.export.save(program, path)
        _compare(ready, load(path), rows)
    except _FAILURES as error:
        path.unlink(missing_ok=True)
        raise BadInput(f"{type(model).__name__} cannot be exported: {_first(error)}") from error
    except (BadInput, InvalidModel):
        path.unlink(missing_ok=True)
        raise


def load(path: Path) -> Any:
    """Return the program's module. Raises: InvalidModel."""
    try:
        with _quiet():
            return torch.export.load(path).module()
    except _FAILURES as error:
        raise InvalidModel(f"{path.name} is no program of torch.export: {_first(error)}") from error


def asks(path: Path) -> tuple[str, ...]:
    """Return what is in the program beside arithmetic. Raises: InvalidModel."""
    return tuple(f"{name} (torch.export)" for name in pytorch_programs.unvouched(path))


def _compare(model: torch.nn.Module, program: Any, rows: torch.Tensor) -> None:
    """Ask both: as many rows as given, more, and one. Raises: BadInput."""
    for some in (rows, torch.cat([rows, rows, rows]), rows[:1]):
        wanted, found = model(some), program(some)
        if not isinstance(wanted, torch.Tensor) or not isinstance(found, torch.Tensor):
            raise BadInput("only modules that answer with one tensor are exported")
        if not torch.equal(wanted, found) and not torch.allclose(
            wanted, found, rtol=0, atol=0, equal_nan=True
        ):
            raise BadInput(f"the exported {type(model).__name__} answers otherwise than itself")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch's notes on what it cannot trace out of the user's sight: a refusal says it."""
    loggers = [logging.getLogger(name) for name in _NOISY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
