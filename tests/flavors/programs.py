"""Programs of ``torch.export`` changed by hand, as a hostile file would be."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mainstay import pytorch as flavor
from tests.models.test_trust import Hostile
from tests.support.parts import library

torch = library("torch")

MODEL = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"
SAMPLES = "data/sample_inputs/model.pt"


def spoilt_program(folder: Path, mark: Path, how: str) -> Path:
    """Save a program and put into it what writes the file ``mark`` when torch reads it."""
    flavor.save_model(
        torch.nn.Linear(4, 1),
        folder,
        serialization_format="pt2",
        input_example=np.zeros((3, 4), np.float32),
    )
    code = f"open({str(mark)!r}, 'w')"
    evil = io.BytesIO()
    torch.save(Hostile(mark), evil)
    if how == "member":
        return rewritten(folder, {}, {"extra/note.txt": b"", "data/aotinductor/model/x.so": b""})
    if how == "samples":
        return rewritten(folder, {}, {SAMPLES: evil.getvalue()})
    if how == "array":
        change = _set(["config", "weight", "use_pickle"], True)
        return rewritten(folder, {WEIGHTS: change}, {"data/weights/weight_0": evil.getvalue()})
    graph = ["graph_module", "graph"]
    changes: dict[str, Callable[[Any], None]] = {
        "expression": _set(
            [*graph, "tensor_values", "linear", "sizes", 0],
            {"as_expr": {"expr_str": code, "hint": None}},
        ),
        "guard": _set(["guards_code"], [code]),
        "name": _set([*graph, "inputs", -1, "as_tensor", "name"], f"x={code}"),
        "structure": _set(
            ["graph_module", "module_call_graph", 0, "signature", "in_spec"],
            json.dumps(
                [
                    1,
                    {
                        "type": "collections.defaultdict",
                        "context": json.dumps(
                            {
                                "default_factory_module": "hostile_factory",
                                "default_factory_name": "make",
                                "dict_context": [],
                            }
                        ),
                        "children_spec": [],
                    },
                ]
            ),
        ),
        "operator": _set([*graph, "nodes", 0, "target"], "torch.ops.aten.from_file.default"),
    }
    return rewritten(folder, {MODEL: changes[how]}, {})


def rewritten(
    folder: Path, changes: dict[str, Callable[[Any], None]], members: dict[str, bytes]
) -> Path:
    """Change JSON documents of the program in ``folder``, and put members in."""
    path = folder / "data" / "model.pt2"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    root = next(iter(parts)).partition("/")[0]
    for name, change in changes.items():
        form = json.loads(parts[f"{root}/{name}"])
        change(form)
        parts[f"{root}/{name}"] = json.dumps(form).encode()
    parts.update({f"{root}/{name}": content for name, content in members.items()})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return folder


def _set(way: list[Any], value: Any) -> Callable[[Any], None]:
    def change(form: Any) -> None:
        for step in way[:-1]:
            form = form[step]
        form[way[-1]] = value

    return change
