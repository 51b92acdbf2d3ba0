"""Look into an ONNX graph before it is used: where its tensors lie, and whether it holds code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from mainstay.errors import InvalidModel
from mainstay.packaging.mlmodel import inside

COMPILED = "EPContext"
"""The operator whose node holds, or names a file with, code that was compiled elsewhere."""


def read_graph(path: Path) -> Any:
    """Return the model without the tensors that lie in other files. Raises: InvalidModel."""
    try:
        return onnx.load(str(path), load_external_data=False)
    except (DecodeError, ValueError) as error:
        raise InvalidModel(f"{path.name} is no ONNX file: {error}") from error


def check_external(folder: Path, model: Any) -> None:
    """Refuse tensors in files outside ``folder``.

    Raises:
        InvalidModel: such a file is missing, absolute, climbs out or is a link out of the folder.
    """
    for tensor in tensors(model):
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        places = [entry.value for entry in tensor.external_data if entry.key == "location"]
        if len(places) != 1:
            raise InvalidModel(f"the tensor {tensor.name!r} does not say which file it is in")
        inside(folder, places[0])


def compiled(model: Any) -> list[str]:
    """Return the names of nodes that hold compiled code."""
    return [node.name or "a node" for node in _nodes(model) if node.op_type == COMPILED]


def tensors(model: Any) -> Iterator[Any]:
    """Give every tensor: of graphs, subgraphs, functions, attributes and training."""
    for graph in _graphs(model):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
    for node in _nodes(model):
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)


def _graphs(model: Any) -> Iterator[Any]:
    waiting = [model.graph]
    for training in model.training_info:
        waiting += [training.initialization, training.algorithm]
    nodes = [node for function in model.functions for node in function.node]
    while waiting or nodes:
        if waiting:
            graph = waiting.pop()
            nodes.extend(graph.node)
            yield graph
            continue
        for attribute in nodes.pop().attribute:
            waiting += [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]


def _nodes(model: Any) -> Iterator[Any]:
    for function in model.functions:
        yield from function.node
    for graph in _graphs(model):
        yield from graph.node
