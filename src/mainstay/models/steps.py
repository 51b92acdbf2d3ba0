"""Preprocessing that travels with the model: steps and model become one, asked with raw data.

The model is saved in its own library's form under ``artifacts/model``, the steps are pickled
beside it. Fitted transformers of scikit-learn before an estimator become one pipeline instead,
which needs no trust where its parts need none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mainstay.errors import BadInput
from mainstay.models.steps_model import StepsModel

Ask = Callable[..., Any]


def listed(given: Any) -> list[Any]:
    """Return the steps of an argument: None, one, or several in their order."""
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def surround(preprocess: Any, postprocess: Any, labels: Any) -> StepsModel:
    """Return the steps as a model that has no inner model yet.

    Raises:
        BadInput: a step is neither a function nor a fitted object, or labels are no names.
    """
    before, after = listed(preprocess), listed(postprocess)
    for name, steps, methods in (
        ("preprocess", before, ("transform",)),
        ("postprocess", after, ("inverse_transform", "transform")),
    ):
        for step in steps:
            if not callable(step) and not any(hasattr(step, method) for method in methods):
                raise BadInput(
                    f"{name}: a {type(step).__name__} is neither a function nor an object with "
                    f"{' or '.join(methods)}"
                )
    made: Any = StepsModel
    return made(before, after, _labels(labels))  # type: ignore[no-any-return]


def pipeline(model: Any, preprocess: Any) -> Any | None:
    """Return a pipeline of scikit-learn where all parts are scikit-learn's, else None."""
    steps = listed(preprocess)
    if not steps or not all(_of_sklearn(part) for part in [*steps, model]):
        return None
    if not all(hasattr(step, "transform") for step in steps):
        return None
    from sklearn.pipeline import make_pipeline

    return make_pipeline(*steps, model)


def with_params(predict: Callable[[Any, dict[str, Any]], Any]) -> Ask:
    """Return a flavor's ``predict`` as steps call it: parameters may be left out."""
    return lambda data, params=None: predict(data, dict(params or {}))


def _of_sklearn(part: Any) -> bool:
    return any(base.__module__.partition(".")[0] == "sklearn" for base in type(part).__mro__)


def _labels(given: Any) -> Any:
    if given is None or isinstance(given, Mapping):
        return None if given is None else dict(given)
    if hasattr(given, "tolist"):
        return given.tolist()
    if isinstance(given, Sequence) and not isinstance(given, str):
        return list(given)
    raise BadInput("labels: give the names in the order of the model's classes, or a mapping")
