"""What may be logged: MLflow's names, lengths and counts.

Source: MLflow's REST contract (limits of log-batch, names of metrics, parameters and tags).
"""

from __future__ import annotations

import json
import logging
import math
import posixpath
import re
from collections.abc import Mapping, Sequence

from mainstay.entities.metrics import Metric
from mainstay.errors import BadInput

logger = logging.getLogger(__name__)

KEY_LENGTH = 250
PARAM_LENGTH = 6000
TAG_LENGTH = 8000
EXPERIMENT_TAG_LENGTH = 20_000
LOGGED_MODEL_VALUE_LENGTH = 5000
BATCH = {"metrics": 1000, "params": 100, "tags": 100}
BATCH_TOTAL = 1000
INT64 = 2**63

MANY = 16
"""Points that are looked at together first."""

_LENGTHY = {"Metric": "Metric name", "Param": "Param key"}
"""What MLflow calls the names that are too long; a tag's by its place."""

_NAME = re.compile(r"[/\w.\- :]*\Z")
_RUN_ID = re.compile(r"[0-9a-f]{32}\Z")
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}\Z")


def plain(value: str, what: str, *, most: int | None = None) -> str:
    """Return text that a database can hold. Raises: BadInput, and says what is too long."""
    if not isinstance(value, str):
        raise BadInput(f"{what} must be text, not {type(value).__name__}")
    if "\x00" in value:
        raise BadInput(f"{what} holds the character NUL, which cannot be stored")
    if most is not None and len(value) > most:
        raise BadInput(f"'{what}' exceeds the maximum length of {most} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"{what} is not valid Unicode text: {error.reason}") from error
    return value


def key(name: str, what: str, *, place: str = "key") -> str:
    """Return a name of a metric, parameter or tag that may be used.

    ``place`` says where in the request it stands. Raises: BadInput, in MLflow's words.
    """
    called = place if what == "Tag" else _LENGTHY.get(what, f"{what} name")
    plain(name, called, most=KEY_LENGTH)
    if not _NAME.match(name):
        raise _invalid(
            json.dumps(name, ensure_ascii=False),
            place,
            "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), "
            "spaces ( ), colon(:) and slashes (/).",
        )
    resolved = posixpath.normpath(name)
    if resolved != name or name == "." or name.startswith(("/", "..")):
        raise _invalid(
            json.dumps(name, ensure_ascii=False),
            place,
            "Names may be treated as files in certain cases, and must not resolve to other names "
            f"when treated as such. This name would resolve to {resolved!r}",
        )
    return name


def _invalid(shown: object, place: str, why: str) -> BadInput:
    return BadInput(f"Invalid value {shown} for parameter '{place}' supplied: {why}")


def shortened(value: str, what: str, *, most: int) -> str:
    """Return a value, cut at ``most`` characters with a warning, as MLflow does."""
    plain(value, what)
    if len(value) > most:
        logger.warning("%s of %d characters was cut at %d", what, len(value), most)
        return value[:most]
    return value


def params(values: Mapping[str, str]) -> dict[str, str]:
    """Return parameters that may be stored. Raises: BadInput."""
    return {
        key(name, "Param", place=f"params[{number}].key"): shortened(
            value, f"the value of param {name!r}", most=PARAM_LENGTH
        )
        for number, (name, value) in enumerate(values.items())
    }


def tags(values: Mapping[str, str]) -> dict[str, str]:
    """Return tags that may be stored. Raises: BadInput."""
    return {
        key(name, "Tag", place=f"tags[{number}].key"): shortened(
            value, f"the value of tag {name!r}", most=TAG_LENGTH
        )
        for number, (name, value) in enumerate(values.items())
    }


def metrics(values: Sequence[Metric]) -> Sequence[Metric]:
    """Return points that may be stored. Raises: BadInput."""
    if len(values) < MANY or not _fine(values):
        _check_each(values)
    return values


def _fine(values: Sequence[Metric]) -> bool:
    """Tell, without a look at each by itself, whether nothing is wrong with many points."""
    if {type(one.timestamp) for one in values} | {type(one.step) for one in values} != {int}:
        return False
    if {type(one.value) for one in values} != {float}:
        return False
    times = [one.timestamp for one in values]
    steps = [one.step for one in values]
    if min(times) < 0 or max(times) >= INT64 or min(steps) < -INT64 or max(steps) >= INT64:
        return False
    try:
        for name in {one.key for one in values}:
            key(name, "Metric")
    except BadInput:  # said with its place by who looks at each
        return False
    return True


def _check_each(values: Sequence[Metric]) -> None:
    checked: set[str] = set()
    for number, metric in enumerate(values):
        if metric.key not in checked:
            checked.add(key(metric.key, "Metric", place=f"metrics[{number}].name"))
        _number(metric)
        if not isinstance(metric.timestamp, int) or not 0 <= metric.timestamp < INT64:
            raise _invalid(
                metric.timestamp,
                f"metrics[{number}].timestamp",
                f"metric {metric.key!r} (value={metric.value}). "
                "Timestamp must be a nonnegative long (64-bit integer) ",
            )
        if not isinstance(metric.step, int) or not -INT64 <= metric.step < INT64:
            raise _invalid(
                metric.step,
                f"metrics[{number}].step",
                f"metric {metric.key!r} (value={metric.value}). "
                "Step must be a valid long (64-bit integer)",
            )


def _number(metric: Metric) -> None:
    try:
        if isinstance(metric.value, (int, float)):
            float(metric.value)
            return
    except OverflowError:  # a whole number beyond any double
        pass
    raise BadInput(
        f"Got invalid value {str(metric.value)[:40]} for metric {metric.key!r}: "
        "it must be a number that fits a double"
    )


def batch(metrics: Sequence[Metric], params: Mapping[str, str], tags: Mapping[str, str]) -> None:
    """Check how much one request holds. Raises: BadInput."""
    counts = {"metrics": len(metrics), "params": len(params), "tags": len(tags)}
    for what, count in counts.items():
        if count > BATCH[what]:
            raise BadInput(
                f"A batch logging request can contain at most {BATCH[what]} {what}. Got {count} "
                f"{what}. Please split up {what} across multiple requests and try again."
            )
    if (total := sum(counts.values())) > BATCH_TOTAL:
        raise BadInput(
            f"A batch logging request can contain at most {BATCH_TOTAL} metrics, params and tags "
            f"together. Got {total}. Please split them up and try again."
        )


def run_id(value: str) -> str:
    """Return a run id that a client minted. Raises: BadInput."""
    if not isinstance(value, str) or not _RUN_ID.match(value):
        raise BadInput(f"{value!r} is not a run id; it must be 32 hexadecimal digits")
    return value


def model_id(value: str) -> str:
    """Return a logged model id that a client minted. Raises: BadInput."""
    if not isinstance(value, str) or not _MODEL_ID.match(value):
        raise BadInput(f"{value!r} is not a model id; it must be m- and 32 hexadecimal digits")
    return value


def millis(value: int, what: str) -> int:
    """Return a time in milliseconds. Raises: BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < INT64:
        raise BadInput(f"{what} must be milliseconds since 1970, not {value!r}")
    return value


def whole(value: int, what: str) -> int:
    """Return a whole number that a database can hold. Raises: BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not -INT64 <= value < INT64:
        raise BadInput(f"{what} must be a 64-bit whole number, not {value!r}")
    return value


def stored(value: float) -> float | None:
    """Return a double as it is kept: NaN is NULL."""
    return None if math.isnan(value) else float(value)


def loaded(value: float | None) -> float:
    """Return a kept double."""
    return math.nan if value is None else float(value)
