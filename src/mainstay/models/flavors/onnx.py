"""ONNX graphs, computed by ONNX Runtime. A graph is data; its operators are the runtime's own."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors import onnx_feeds, onnx_files
from mainstay.models.flavors.arguments import check_options, data_file
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel

log = logging.getLogger(__name__)

FILE = "model.onnx"
WEIGHTS = "model.onnx.data"
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""What MLflow lists by default; those that are not there when it loads are passed over."""

ONE_FILE = 1 << 30
"""Bytes up to which a graph is one file: protobuf ends at 2 GiB."""

_MODES = {
    "sequential": onnxruntime.ExecutionMode.ORT_SEQUENTIAL,
    "parallel": onnxruntime.ExecutionMode.ORT_PARALLEL,
}
_LEVELS = {
    0: onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    1: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    2: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    99: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
}
_THREADS = ("inter_op_num_threads", "intra_op_num_threads")
_OPTIONS = (*_THREADS, "execution_mode", "graph_optimization_level")

_runtime = onnxruntime.capi.onnxruntime_pybind11_state
_REFUSALS = (
    _runtime.Fail,
    _runtime.InvalidArgument,
    _runtime.InvalidGraph,
    _runtime.InvalidProtobuf,
    _runtime.NotImplemented,
    _runtime.RuntimeException,
)
"""The runtime's errors, which have no class in common."""


class OnnxFlavor:
    """``onnx.ModelProto``."""

    name = "onnx"

    def owns(self, model: object) -> bool:
        """Tell whether it is a ``ModelProto`` of onnx."""
        kind = type(model)
        return kind.__name__ == "ModelProto" and kind.__module__.partition(".")[0] == "onnx"

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``model.onnx``, with big or wanted weights in a file beside it.

        ``options``: ``onnx_execution_providers`` (names), ``onnx_session_options`` (threads,
        ``execution_mode``, ``graph_optimization_level``), ``save_as_external_data``.
        Raises: BadInput.
        """
        known = ("onnx_execution_providers", "onnx_session_options", "save_as_external_data")
        check_options(self.name, options, known)
        if not self.owns(model):
            raise BadInput(f"a {type(model).__name__} is no onnx.ModelProto; convert it first")
        session = options.get("onnx_session_options")
        _settings(session or {})
        try:
            _write(model, folder, options.get("save_as_external_data"))
            onnx.checker.check_model(str(folder / FILE))
        except (onnx.checker.ValidationError, ValueError) as error:
            raise BadInput(f"the ONNX graph is not valid: {error}") from error
        fields = {
            "data": FILE,
            "onnx_version": onnx.__version__,
            "onnx_session_options": dict(session) if session else None,
            "providers": list(options.get("onnx_execution_providers") or PROVIDERS),
            "code": None,
        }
        return Saved(
            name=self.name,
            fields=fields,
            loader_module="mlflow.onnx",
            pyfunc={"data": FILE},
            modules=("onnx", "onnxruntime", "numpy"),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return the nodes with compiled code, () for a graph of operators.

        Raises: InvalidModel if it is no graph or reaches outside the folder.
        """
        graph = self._graph(folder, model)
        return tuple(f"the compiled code in {name}" for name in onnx_files.compiled(graph))

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the ``ModelProto``, its weights in memory."""
        self._graph(folder, model)
        path = data_file(self.name, folder, model)
        try:
            return onnx.load(str(path))
        except (onnx.checker.ValidationError, ValueError, OSError) as error:
            raise InvalidModel(f"the weights of {path.name} cannot be read: {error}") from error

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return a function that runs the graph.

        A table gives a table where every output is a column, anything else a dictionary of arrays
        by the outputs' names, as in MLflow. There are no parameters.
        """
        fields = model.flavors.get(self.name, {})
        session = _session(loaded, fields.get("onnx_session_options"), fields.get("providers"))
        inputs = onnx_feeds.inputs_of(session)
        names = [output.name for output in session.get_outputs()]

        def predict(data: Any, _: dict[str, Any]) -> Any:
            answers = session.run(names, onnx_feeds.feed(data, inputs))
            found = dict(zip(names, answers, strict=True))
            return _table(found, data) if isinstance(data, pd.DataFrame) else found

        return predict

    def _graph(self, folder: Path, model: MLmodel) -> Any:
        path = data_file(self.name, folder, model)
        graph = onnx_files.read_graph(path)
        onnx_files.check_external(path.parent, graph)
        return graph


def _write(model: Any, folder: Path, external: bool | None) -> None:
    if external is None:
        external = model.ByteSize() > ONE_FILE
    if not external:
        onnx.save_model(model, str(folder / FILE))
        return
    copy = onnx.ModelProto()  # writing moves the weights out of the object
    copy.CopyFrom(model)
    onnx.save_model(
        copy, str(folder / FILE), save_as_external_data=True, location=WEIGHTS, size_threshold=1024
    )


def _session(model: Any, wanted: Any, providers: Any) -> Any:
    there = onnxruntime.get_available_providers()
    chosen = [name for name in _names(providers) if name in there] or ["CPUExecutionProvider"]
    options = _settings(_known(wanted or {}))
    try:
        if model.ByteSize() <= ONE_FILE:
            return onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=chosen
            )
        with tempfile.TemporaryDirectory(prefix="mainstay-onnx-") as place:
            _write(model, Path(place), True)
            return onnxruntime.InferenceSession(str(Path(place) / FILE), options, providers=chosen)
    except _REFUSALS as error:
        raise InvalidModel(f"ONNX Runtime refuses the graph: {error}") from error


def _known(wanted: Mapping[str, Any]) -> dict[str, Any]:
    if left := sorted(set(wanted) - set(_OPTIONS)):
        log.warning("onnx_session_options: %s is passed over", ", ".join(left))
    return {name: value for name, value in wanted.items() if name in _OPTIONS}


def _names(providers: Any) -> Sequence[str]:
    """Return the providers' names; their options, which may name files, are left out."""
    listed = providers if isinstance(providers, list) else list(PROVIDERS)
    return [str(item[0] if isinstance(item, list | tuple) and item else item) for item in listed]


def _settings(wanted: Mapping[str, Any]) -> Any:
    """Return the session's options. Raises: BadInput on one that is unknown."""
    if unknown := sorted(set(wanted) - set(_OPTIONS)):
        raise BadInput(
            f"onnx_session_options: {', '.join(unknown)} is unknown; use {', '.join(_OPTIONS)}"
        )
    options = onnxruntime.SessionOptions()
    try:
        for name in _THREADS:
            setattr(options, name, int(wanted.get(name, 0)))
        if "execution_mode" in wanted:
            options.execution_mode = _MODES[str(wanted["execution_mode"]).lower()]
        if "graph_optimization_level" in wanted:
            options.graph_optimization_level = _LEVELS[wanted["graph_optimization_level"]]
    except (KeyError, ValueError, TypeError) as error:
        raise BadInput(f"onnx_session_options: a value cannot be used: {error}") from error
    return options


def _table(found: dict[str, Any], data: pd.DataFrame) -> Any:
    flat = {name: np.asarray(value) for name, value in found.items()}
    columns = {
        name: value.reshape(-1)
        for name, value in flat.items()
        if value.ndim in (1, 2) and value.size == len(data)
    }
    return pd.DataFrame(columns) if len(columns) == len(found) else found


FLAVOR = OnnxFlavor()
