"""A logging standard in YAML, and the judge: pure, a run and what files it has in, names out.

    mode: enforce            # or warn, the default
    tags: {owner: "", mlflow.source.git.commit: "[0-9a-f]{40}"}
    params: [learning_rate]
    metrics: [auc]
    artifacts: [model, plots/roc.png]
    inputs: [train]

A tag's pattern must match its whole value; an empty one takes any value that is not empty. An
artifact is a path among the run's files or the name of a model that the run logged. An input is the
context of a data set that the run read, or the data set's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import msgspec

from mainstay.entities.runs import Run
from mainstay.entities.standards import StandardMode
from mainstay.errors import BadInput

CONTEXT = "mlflow.data.context"
LONGEST_PATTERN = 500
LONGEST_VALUE = 500
"""Of a longer tag only the beginning is looked at."""

MOST_REPEATS = 3
"""Open-ended repetitions in one pattern; the time to match grows with the power of their number."""

MOST_NAMES = 500
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT)


class LoggingStandard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run must have. ``enforce`` refuses to register versions of a run that has less."""

    mode: StandardMode = "warn"
    tags: dict[str, str | None] = {}
    params: list[str] = []
    metrics: list[str] = []
    artifacts: list[str] = []
    inputs: list[str] = []


def parse(text: str) -> LoggingStandard:
    """Read a standard.

    Raises:
        BadInput: not YAML, an unknown field, nothing asked for, or a pattern that cannot be used.
    """
    import yaml  # here: a server that starts has nothing to parse

    try:
        found = msgspec.convert(yaml.safe_load(text), LoggingStandard)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput(f"the standard is not valid YAML: {error}") from None
    except msgspec.ValidationError as error:
        raise BadInput(f"the standard is wrong: {error}") from None
    lists = [found.params, found.metrics, found.artifacts, found.inputs]
    count = len(found.tags) + sum(map(len, lists))
    if not 0 < count <= MOST_NAMES:
        raise BadInput(
            f"the standard asks for {count} things; name between 1 and {MOST_NAMES} tags, params, "
            "metrics, artifacts or inputs"
        )
    for name, pattern in found.tags.items():
        _check(name, pattern or "")
    for path in found.artifacts:
        if not path or path.startswith("/") or ".." in path.split("/") or "\0" in path:
            raise BadInput(
                f"the standard asks for the artifact {path!r}, which is no relative path"
            )
    return found


def digest(text: str) -> str:
    """Return what a standard's text is recognised by."""
    return sha256(text.encode()).hexdigest()


def judge(standard: LoggingStandard, run: Run, has: Callable[[str], bool]) -> list[str]:
    """Return what is missing, in the standard's order; ``has`` tells whether an artifact is there.

    >>> judge(parse("params: [depth]"), Run(info=RunInfo(run_id="", experiment_id="", run_name="")),
    ...       lambda path: True)
    ['param depth']
    """
    missing = [
        f"tag {name}"
        for name, pattern in standard.tags.items()
        if not _matches(pattern or "", run.data.tags.get(name, ""))
    ]
    missing += [f"param {name}" for name in standard.params if name not in run.data.params]
    logged = {metric.key for metric in run.data.latest}
    missing += [f"metric {name}" for name in standard.metrics if name not in logged]
    missing += [f"artifact {path}" for path in standard.artifacts if not has(path)]
    read = {item.dataset.name for item in run.inputs.dataset_inputs}
    read |= {item.tags[CONTEXT] for item in run.inputs.dataset_inputs if CONTEXT in item.tags}
    return missing + [f"input {name}" for name in standard.inputs if name not in read]


def _matches(pattern: str, value: str) -> bool:
    if not pattern:
        return bool(value.strip())
    return re.fullmatch(pattern, value[:LONGEST_VALUE]) is not None


def _check(name: str, pattern: str) -> None:
    """See that a pattern can be used, and that no value makes it run for ever. Raises: BadInput."""
    if len(pattern) > LONGEST_PATTERN:
        raise BadInput(f"the pattern of tag {name!r} is longer than {LONGEST_PATTERN} characters")
    try:
        re.compile(pattern)
        parsed = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise BadInput(f"the pattern {pattern!r} of tag {name!r} cannot be read: {error}") from None
    if _open_ends(parsed) > MOST_REPEATS:
        raise BadInput(
            f"the pattern {pattern!r} of tag {name!r} has more than {MOST_REPEATS} open-ended "
            "repetitions (*, +); bound them, as in [a-z]{1,20}"
        )
    if _explodes(parsed, inside=False):
        raise BadInput(
            f"the pattern {pattern!r} of tag {name!r} repeats what repeats or chooses, or refers "
            "back; a value could make it run for ever. Write it with one repetition at a place"
        )


def _explodes(parsed: Any, *, inside: bool) -> bool:
    for code, argument in parsed:
        if code in (op.GROUPREF, op.GROUPREF_EXISTS) or (inside and code is op.BRANCH):
            return True
        if code in _REPEATS:
            low, high, body = argument
            if inside and low != high:
                return True
            if _explodes(body, inside=inside or high > 1):
                return True
        elif any(_explodes(part, inside=inside) for part in _parts(argument)):
            return True
    return False


def _open_ends(parsed: Any) -> int:
    return sum(
        (code in _REPEATS and argument[1] >= LONGEST_VALUE) + sum(map(_open_ends, _parts(argument)))
        for code, argument in parsed
    )


def _parts(argument: Any) -> list[Any]:
    """Return the patterns inside an element of a pattern."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, (tuple, list)):
        return [part for one in argument for part in _parts(one)]
    return []
