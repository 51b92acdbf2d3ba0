"""Detectors of drift: a name, the kinds of feature it fits, a floor, and a score.

A third party adds one through the entry-point group ``mainstay.detectors``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from numpy.typing import ArrayLike

from mainstay.plugins import PluginTable
from mainstay.statistics import drift
from mainstay.statistics.drift import DriftScore

Kind = Literal["numeric", "categorical"]


class Detector(Protocol):
    """Compares counts of a window with those of the reference, bin by bin.

    ``default_threshold`` is the smallest effect worth an alarm, in the units of its score.
    """

    @property
    def name(self) -> str:
        """The name a policy calls it by."""
        ...

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of feature it can judge."""
        ...

    @property
    def default_threshold(self) -> float:
        """The effect floor where a policy names none."""
        ...

    def score(self, reference: ArrayLike, current: ArrayLike) -> DriftScore:
        """Compare counts in the same bins. Raises: BadInput if a side is empty or bins differ."""
        ...


@dataclass(frozen=True)
class CountDetector:
    """A detector made of one of the formulas of ``statistics.drift``."""

    name: str
    default_threshold: float
    formula: drift.Formula
    kinds: tuple[Kind, ...] = ("numeric", "categorical")

    def score(self, reference: ArrayLike, current: ArrayLike) -> DriftScore:
        """Compare counts in the same bins."""
        return self.formula(reference, current)


PSI = CountDetector("psi", 0.02, drift.psi)
JENSEN_SHANNON = CountDetector("jensen_shannon", 0.05, drift.jensen_shannon)
HELLINGER = CountDetector("hellinger", 0.05, drift.hellinger)
CHI_SQUARE = CountDetector("chi_square", 0.1, drift.chi_square)
MISSING = CountDetector("missing", 0.01, drift.missing)

DETECTORS: PluginTable[Detector] = PluginTable(
    "mainstay.detectors",
    {
        "psi": "mainstay.statistics.detectors:PSI",
        "jensen_shannon": "mainstay.statistics.detectors:JENSEN_SHANNON",
        "hellinger": "mainstay.statistics.detectors:HELLINGER",
        "chi_square": "mainstay.statistics.detectors:CHI_SQUARE",
        "missing": "mainstay.statistics.detectors:MISSING",
    },
)
