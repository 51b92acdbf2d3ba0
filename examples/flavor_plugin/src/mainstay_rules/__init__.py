"""Lists of rules as models, and the flavor that packages them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mainstay_rules.rules import Rule, RuleList

__all__ = ["Rule", "RuleList"]


def _load_pyfunc(path: str) -> Any:
    """Return what stock MLflow asks for predictions: it calls this by the name in MLmodel."""
    return RuleList.from_json(Path(path).read_text(encoding="utf-8"))
