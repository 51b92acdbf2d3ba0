"""Tests that may be looked at after every observation.

Wald's sequential probability ratio test (1945) for a rate of failures, and Page's cumulative sum
(1954), which is that test restarted whenever nothing speaks for harm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mainstay.errors import BadInput

Decision = Literal["harmful", "healthy", "open"]


@dataclass(frozen=True)
class Sprt:
    """A test of the failure rate ``healthy`` against ``harmful`` (0 < healthy < harmful < 1).

    ``alpha`` bounds the chance to call a healthy rate harmful, ``beta`` the reverse.
    """

    healthy: float
    harmful: float
    alpha: float = 0.001
    beta: float = 0.01

    def __post_init__(self) -> None:
        if not 0 < self.healthy < self.harmful < 1:
            raise BadInput(
                f"rates must be 0 < healthy < harmful < 1; got {self.healthy} and {self.harmful}"
            )
        if not (0 < self.alpha < 1 and 0 < self.beta < 1):
            raise BadInput(f"alpha and beta must be in (0, 1); got {self.alpha} and {self.beta}")

    @property
    def upper(self) -> float:
        """The log ratio at which the rate is called harmful: ln((1-beta)/alpha)."""
        return math.log((1 - self.beta) / self.alpha)

    @property
    def lower(self) -> float:
        """The log ratio at which the rate is called healthy: ln(beta/(1-alpha))."""
        return math.log(self.beta / (1 - self.alpha))

    def log_ratio(self, trials: int, failures: int) -> float:
        """Return the log likelihood ratio of harmful to healthy after so many trials."""
        return failures * math.log(self.harmful / self.healthy) + (trials - failures) * math.log(
            (1 - self.harmful) / (1 - self.healthy)
        )

    def decide(self, trials: int, failures: int) -> Decision:
        """Say what is known after ``trials`` observations of which ``failures`` failed."""
        ratio = self.log_ratio(trials, failures)
        if ratio >= self.upper:
            return "harmful"
        return "healthy" if ratio <= self.lower else "open"

    def expected_trials(self) -> float:
        """Return about how many observations it takes to call a harmful rate harmful (Wald)."""
        gain = self.harmful * math.log(self.harmful / self.healthy) + (1 - self.harmful) * math.log(
            (1 - self.harmful) / (1 - self.healthy)
        )
        return ((1 - self.beta) * self.upper + self.beta * self.lower) / gain

    def cumulative(self, batches: Iterable[tuple[int, int]]) -> float:
        """Return Page's sum after batches of (trials, failures) in order of time, never below 0.

        It is the log ratio since the moment that speaks most for harm, so that a long healthy
        past does not hide a burst.
        """
        total = 0.0
        for trials, failures in batches:
            total = max(0.0, total + self.log_ratio(trials, failures))
        return total
