"""Models that are lists of rules: the first rule that matches a row gives its answer."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

_TESTS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Rule:
    """``column test value`` gives ``answer``. Raises: ValueError on a test that is unknown."""

    column: str
    test: str
    value: float
    answer: str

    def __post_init__(self) -> None:
        if self.test not in _TESTS:
            raise ValueError(f"the test {self.test!r} is unknown; use {', '.join(_TESTS)}")


class RuleList:
    """Rules in their order, and the answer where none matches."""

    def __init__(self, rules: Sequence[Rule], default: str) -> None:
        self.rules = list(rules)
        self.default = default

    def predict(self, table: pd.DataFrame) -> list[str]:
        """Return one answer a row."""
        answers = pd.Series(self.default, index=table.index, dtype=object)
        for rule in reversed(self.rules):
            answers[_TESTS[rule.test](table[rule.column], rule.value)] = rule.answer
        return list(answers)

    def to_json(self) -> str:
        """Return the model as text."""
        return json.dumps({"rules": [asdict(r) for r in self.rules], "default": self.default})

    @classmethod
    def from_json(cls, text: str) -> RuleList:
        """Read the model. Raises: ValueError, KeyError or TypeError if the text is none."""
        form = json.loads(text)
        return cls([Rule(**rule) for rule in form["rules"]], str(form["default"]))
