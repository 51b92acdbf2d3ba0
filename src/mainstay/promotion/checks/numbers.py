"""Numbers as gates compare them.

Both sides of a comparison are rounded to 12 significant digits first, so that 0.85 satisfies
``0.80 + 0.05`` (in binary floats 0.8500000000000001).
"""

from __future__ import annotations

import math
from typing import Any

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def rounded(value: float) -> float:
    """Round to 12 significant digits.

    >>> rounded(0.80 + 0.05)
    0.85
    """
    return float(f"{value:.12g}")


def at_least(value: float, bound: float) -> bool:
    """Say whether ``value >= bound`` after rounding; NaN never is.

    >>> at_least(0.85, 0.80 + 0.05)
    True
    """
    return rounded(value) >= rounded(bound)


def number(value: Any) -> float | None:
    """Read a measured number; None for what is none. "NaN" and "Infinity" are numbers here.

    >>> number("Infinity"), number(True), number(3)
    (inf, None, 3.0)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:  # a whole number beyond any double
            return math.inf if value > 0 else -math.inf
    if value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    return None


def finite(**bounds: float | None) -> None:
    """Refuse bounds of a policy that are not finite. Raises: ValueError."""
    for field, bound in bounds.items():
        if bound is not None and not math.isfinite(bound):
            raise ValueError(f"{field} must be a finite number, not {bound}")


def seconds(text: str) -> float:
    """Read a span of time: a number with s, m, h, d or w.

    >>> seconds("7d")
    604800.0

    Raises: ValueError.
    """
    cleaned = text.strip().lower()
    unit = UNITS.get(cleaned[-1:])
    try:
        span = float(cleaned[:-1] if unit else cleaned) * (unit or 1)
    except ValueError:
        span = math.nan
    if not (math.isfinite(span) and span > 0):
        raise ValueError(f"{text!r} is no span of time; write a number with s, m, h, d or w")
    return span
