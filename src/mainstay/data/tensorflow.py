"""Tensors and pipelines of TensorFlow."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from mainstay.data import arrow
from mainstay.data.source import source_of
from mainstay.data.tables import LoggableDataset, digest_arrays
from mainstay.entities.inputs import Dataset
from mainstay.errors import BadInput

DIGEST_ELEMENTS = 10_000
"""Elements of a pipeline that its digest is made of: it may have no end."""


def from_tensorflow(
    features: Any,
    source: Any = None,
    targets: Any = None,
    name: str | None = None,
    digest: str | None = None,
) -> LoggableDataset:
    """Describe a ``tf.data.Dataset`` or a tensor, with its targets.

    The digest of a tensor is of all its values; that of a pipeline of its element's form, its
    length and its first 10,000 elements, in the order in which it gives them.

    Raises: BadInput: something else; a pipeline with targets that are none.
    """
    if hasattr(features, "as_numpy_iterator"):
        return _pipeline(features, source, targets, name, digest)
    if not hasattr(features, "numpy"):
        raise BadInput(
            f"a {type(features).__name__} is neither a tf.data.Dataset nor a tensor; "
            "from_numpy describes arrays"
        )
    arrays = [("features", features.numpy())]
    if targets is not None:
        arrays.append(("targets", targets.numpy() if hasattr(targets, "numpy") else targets))
    kind, where = source_of(source)
    profile: dict[str, Any] = {}
    for key, array in arrays:
        profile |= {f"{key}_shape": list(array.shape), f"{key}_size": int(array.size)}
    record = Dataset(
        name=name or "dataset",
        digest=digest or digest_arrays(arrays),
        source_type=kind,
        source=where,
        schema=_schema({key: (str(a.dtype), [-1, *a.shape[1:]]) for key, a in arrays}),
        profile=json.dumps(profile),
    )
    return LoggableDataset(
        record, features, targets=targets, rows=lambda rows: arrow.of_arrays(arrays, rows)
    )


def _pipeline(
    features: Any, source: Any, targets: Any, name: str | None, digest: str | None
) -> LoggableDataset:
    if targets is not None and not hasattr(targets, "as_numpy_iterator"):
        raise BadInput("targets of a tf.data.Dataset are a tf.data.Dataset of the same length")
    both = {"features": features} | ({} if targets is None else {"targets": targets})
    length = int(features.cardinality())
    specs = {key: _specs(key, one.element_spec) for key, one in both.items()}
    kind, where = source_of(source)
    record = Dataset(
        name=name or "dataset",
        digest=digest or _digest(both, length),
        source_type=kind,
        source=where,
        schema=_schema({name: spec for group in specs.values() for name, spec in group.items()}),
        profile=json.dumps(
            {f"{key}_cardinality": int(one.cardinality()) for key, one in both.items()}
        ),
    )

    def rows_of(rows: int | None) -> tuple[Any, int]:
        if rows is None and length < 0:
            raise BadInput(
                f"the length of {record.name!r} is not known, and it may have no end; keep a "
                "sample: snapshot='sample:1000'"
            )
        # A pipeline is read from its start: its sample is its first elements.
        arrays = _columns(both, rows if rows is not None else length)
        return arrow.of_arrays(arrays, None)[0], length

    return LoggableDataset(record, features, targets=targets, rows=rows_of)


def _digest(both: dict[str, Any], length: int) -> str:
    import numpy as np

    shape = [f"{key} {one.element_spec}" for key, one in both.items()]
    head = [("form", np.array([*shape, str(length)]))]
    return digest_arrays([*head, *_elements(both, DIGEST_ELEMENTS)])


def _elements(both: dict[str, Any], most: int) -> list[tuple[str, Any]]:
    """Return every array of every element, named by its place in it."""
    import numpy as np

    return [
        (name, np.asarray(array))
        for key, one in both.items()
        for element in islice(one.as_numpy_iterator(), most)
        for name, array in _flat(key, element)
    ]


def _columns(both: dict[str, Any], most: int) -> list[tuple[str, Any]]:
    import numpy as np

    columns: dict[str, list[Any]] = {}
    for name, array in _elements(both, most):
        columns.setdefault(name, []).append(array)
    try:
        return [(name, np.stack(values)) for name, values in columns.items()]
    except ValueError:
        raise BadInput("elements of different shapes cannot be kept as Parquet") from None


def _flat(name: str, element: Any) -> list[tuple[str, Any]]:
    """Return what an element is made of; of a pair, the second part is its targets."""
    if isinstance(element, dict):
        return [item for key in element for item in _flat(f"{name}.{key}", element[key])]
    if isinstance(element, tuple):
        names = [name, "targets"] if len(element) == 2 and name == "features" else None
        return [
            item
            for place, part in enumerate(element)
            for item in _flat(names[place] if names else f"{name}.{place}", part)
        ]
    return [(name, element)]


def _specs(name: str, spec: Any) -> dict[str, tuple[str, list[int]]]:
    found = {}
    for key, one in _flat(name, spec):
        shape = getattr(one, "shape", None)
        sizes = [] if shape is None or shape.rank is None else shape.as_list()
        dtype = getattr(getattr(one, "dtype", None), "name", "object")
        found[key] = (dtype, [-1, *(-1 if size is None else size for size in sizes)])
    return found


def _schema(specs: dict[str, tuple[str, list[int]]]) -> str:
    named = {key: {"type": dtype, "shape": shape} for key, (dtype, shape) in specs.items()}
    return json.dumps({"mlflow_tensorspec": named})
