"""What every message shares: the two base classes, key-value pairs and floats that JSON lacks.

MLflow's JSON leaves out what is absent and lists that are empty, and writes NaN and ±Inf as
``"NaN"``, ``"Infinity"`` and ``"-Infinity"``. ``Message`` follows it; ``Own`` is the base of the
messages under ``/api/mainstay/1.0``, which refuse fields that they do not know.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec

from mainstay.errors import BadInput

Number = float | Annotated[str, msgspec.Meta(pattern=r"^(NaN|-?Infinity)$")]
"""A float on the wire; one of three texts where JSON has no word for it."""


Text = Annotated[str, msgspec.Meta(min_length=1)]
"""A text that must be there; an empty one counts as missing, as in MLflow."""

Int64 = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
"""An integer that a database holds."""


def written(default: Any) -> Any:
    """Return a field's default that is written even where defaults are left out."""
    return msgspec.field(default_factory=lambda: default)


class MissingParameter(BadInput):
    """A required parameter is missing."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Missing value for required parameter '{path}'. See the API docs for more "
            "information about request parameters."
        )


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of MLflow's API. A field with a default may be absent; others are required."""


class Request(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request of MLflow's API. Unknown fields send it to the patient reading, no further."""


class Own(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request of our own API; fields that it does not know are errors."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of our own API: every field is written."""


class Empty(Message, frozen=True, kw_only=True):
    """``{}``."""


class Done(Answer, frozen=True, kw_only=True):
    """``{}``: it was done."""


class Tag(msgspec.Struct, frozen=True):
    """A key and a text. MLflow's tags and parameters share this form."""

    key: str
    value: str = ""


class NewTag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same in a request, where the key must not be empty."""

    key: Text
    value: str = ""


class RunRequest(Request, frozen=True, kw_only=True):
    """A request about a run, which old clients call ``run_uuid``; ``run_id`` wins.

    Raises:
        MissingParameter: neither is there.
    """

    run_id: str = ""
    run_uuid: str = ""

    def __post_init__(self) -> None:
        if not self.run_id:
            if not self.run_uuid:
                raise MissingParameter("run_id")
            msgspec.structs.force_setattr(self, "run_id", self.run_uuid)


def pairs(values: Mapping[str, str]) -> list[Tag]:
    """Return a mapping as MLflow's list of pairs."""
    return [Tag(key, value) for key, value in values.items()]


def new_pairs(values: Mapping[str, str]) -> list[NewTag]:
    """Return a mapping as the pairs of a request."""
    return [NewTag(key, value) for key, value in values.items()]


def mapping(tags: Iterable[Tag | NewTag]) -> dict[str, str]:
    """Return a list of pairs as a mapping; the last of equal keys wins."""
    return {tag.key: tag.value for tag in tags}


def to_number(value: float) -> Number:
    """Return a float as it is written: itself, or one of the three texts.

    >>> to_number(float("-inf"))
    '-Infinity'
    """
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def to_numbers(values: Sequence[float]) -> Sequence[Number]:
    """Return many floats as they are written; the usual case, all finite, costs next to nothing."""
    return values if math.isfinite(sum(values)) else [to_number(value) for value in values]


def from_number(value: Number) -> float:
    """Read a float as it was written."""
    return float(value)


NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def revive(value: Any) -> Any:
    """Turn the three texts back into floats, wherever they are in a built-in value."""
    if isinstance(value, str):
        return NON_FINITE.get(value, value)
    if isinstance(value, list):
        return [revive(item) for item in value]
    if isinstance(value, dict):
        return {key: revive(item) for key, item in value.items()}
    return value
