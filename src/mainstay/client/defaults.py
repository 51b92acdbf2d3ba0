"""What the client fills in when the caller says nothing: names, times, users, batches, views."""

from __future__ import annotations

import getpass
import os
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, TypeVar

from mainstay import settings
from mainstay.entities.metrics import Metric
from mainstay.entities.names import ADJECTIVES, NOUNS
from mainstay.entities.pages import Page, ViewType
from mainstay.errors import BadInput

T = TypeVar("T")

DEFAULT_TRACKING_URI = "sqlite:///mainstay.db"
DEFAULT_EXPERIMENT = "Default"
MAX_METRICS, MAX_PARAMS, MAX_TAGS = 1000, 100, 100
"""What one log-batch call may hold, by MLflow's contract; with at most 1000 in all."""

VIEWS: dict[Any, ViewType] = {
    **dict.fromkeys((None, 1, "1", "ACTIVE_ONLY"), "ACTIVE_ONLY"),
    **dict.fromkeys((2, "2", "DELETED_ONLY"), "DELETED_ONLY"),
    **dict.fromkeys((3, "3", "ALL"), "ALL"),
}

# A generator of our own: naming a run must not draw from the stream that training seeded.
_RANDOM = random.SystemRandom()


class PagedList(list[T], Generic[T]):
    """A page of results; ``token`` brings the next one, None at the end."""

    def __init__(self, page: Page[T]) -> None:
        super().__init__(page.items)
        self.token = page.token


def now() -> int:
    """Return the time, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def user() -> str:
    """Return who runs this: the tracking user if one is set, else the login name."""
    named = settings.TRACKING_USERNAME.get()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


def run_name() -> str:
    """Return a name such as ``swift-osprey-417``."""
    return f"{_RANDOM.choice(ADJECTIVES)}-{_RANDOM.choice(NOUNS)}-{_RANDOM.randrange(1000)}"


def view(given: Any) -> ViewType:
    """Read a view type: MLflow's number or its name. Raises: BadInput."""
    try:
        return VIEWS[given]
    except (KeyError, TypeError):
        raise BadInput(
            f"view type {given!r} is none of ACTIVE_ONLY (1), DELETED_ONLY (2), ALL (3)"
        ) from None


def number(key: str, value: Any) -> float:
    """Return a metric's value as a float; numpy scalars and 0-d arrays and tensors will do.

    Raises: BadInput, at once: this is a mistake in the calling line, not the server's trouble.
    """
    if type(value) is float:
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise BadInput(
            f"metric {key!r} has the value {value!r} of type {type(value).__name__}; "
            "a metric is a number"
        ) from None


def texts(given: Any) -> dict[str, str]:
    """Return params or tags as text by key, from a mapping or from records with key and value."""
    if not given:
        return {}
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    return {str(item.key): str(item.value) for item in given}


def points(
    metrics: Mapping[str, Any] | Iterable[Metric], *, timestamp: int | None, step: int | None
) -> list[Metric]:
    """Return metrics as points; a missing time is now, a missing step 0."""
    if not isinstance(metrics, Mapping):
        return list(metrics)
    at = now() if timestamp is None else int(timestamp)
    step = 0 if step is None else int(step)
    return [Metric(key, number(key, value), at, step) for key, value in metrics.items()]


def batches(
    metrics: list[Metric], params: dict[str, str], tags: dict[str, str]
) -> Iterator[tuple[list[Metric], dict[str, str], dict[str, str]]]:
    """Split one call into as many as the limits of log-batch ask for."""
    points, names, labels = iter(metrics), iter(params.items()), iter(tags.items())
    if len(metrics) + len(params) + len(tags) == 0:
        return
    while True:
        some_params = dict(islice(names, MAX_PARAMS))
        some_tags = dict(islice(labels, MAX_TAGS))
        room = MAX_METRICS - len(some_params) - len(some_tags)
        some_metrics = list(islice(points, room))
        if not (some_params or some_tags or some_metrics):
            return
        yield some_metrics, some_params, some_tags
