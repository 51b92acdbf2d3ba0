"""What a monitor looks for and what it does: YAML in, frozen records out.

window: 900
input_drift: {detector: psi, q: 0.05, minimum_rows: 100, breaches: 2, windows: 3}
error_rate: {healthy: 0.01, harmful: 0.05, action: rollback}
latency: {p99: 0.5, action: notify}
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec
import yaml

from mainstay.errors import BadInput
from mainstay.statistics.detectors import DETECTORS
from mainstay.statistics.sequential import Sprt


class Persistence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert fires after ``breaches`` of the last ``windows``; ``clear`` quiet ones end it."""

    breaches: int = 2
    windows: int = 3
    clear: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.breaches <= self.windows <= 100 or not 1 <= self.clear <= 100:
            raise ValueError("1 <= breaches <= windows <= 100 and 1 <= clear <= 100 are needed")


class DriftRule(Persistence, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Drift of a distribution: significant at ``q`` over all features, and of some size.

    ``effect``: the smallest distance beyond chance that counts; the detector's own if None.
    ``minimum_rows``: a window is judged once it holds this many. Drifting inputs are no fault of
    a version, so nothing is rolled back for them.
    """

    detector: str = "psi"
    q: float = 0.05
    effect: float | None = None
    minimum_rows: int = 100
    ignore: tuple[str, ...] = ()
    action: Literal["notify", "retrain"] = "notify"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.q < 1:
            raise ValueError(f"q must be between 0 and 1, not {self.q}")
        if self.effect is not None and not (math.isfinite(self.effect) and self.effect >= 0):
            raise ValueError("effect must be a number, 0 or more")
        if self.minimum_rows < 10:
            raise ValueError("minimum_rows must be 10 or more; fewer rows tell nothing")
        if self.detector not in DETECTORS.names():
            known = ", ".join(DETECTORS.names())
            raise ValueError(f"no detector is called {self.detector!r}; there are: {known}")


class ErrorRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rate of answers of status 500 and above, by Page's cumulative sum.

    ``healthy`` is a rate to live with, ``harmful`` one that must end. ``alpha`` bounds the chance
    that any one request of a healthy stream begins a false alarm.
    """

    healthy: float = 0.01
    harmful: float = 0.05
    alpha: float = 1e-6
    minimum_requests: int = 20
    action: Literal["notify", "rollback"] = "rollback"

    def __post_init__(self) -> None:
        try:
            self.test()
        except BadInput as error:
            raise ValueError(error.message) from error

    def test(self) -> Sprt:
        """Return the sequential test of this rule."""
        return Sprt(self.healthy, self.harmful, alpha=self.alpha)


class LatencyRule(Persistence, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``p99`` in seconds, and ``times_previous`` as a multiple of the previous version's p99."""

    p99: float | None = None
    times_previous: float | None = None
    minimum_requests: int = 100
    action: Literal["notify", "rollback"] = "notify"

    def __post_init__(self) -> None:
        super().__post_init__()
        for bound in (self.p99, self.times_previous):
            if bound is not None and not (math.isfinite(bound) and bound > 0):
                raise ValueError("p99 and times_previous must be numbers above zero")


class MonitorPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a tick needs to know. Spans are in seconds.

    ``window``: how far back a tick looks. ``probation``: how long after a move harm is blamed on
    the version; later the world has changed, not the model. ``cooldown``: how long after one
    rollback (or request to retrain) there is no other.
    """

    window: float = 900.0
    probation: float = 86_400.0
    cooldown: float = 600.0
    input_drift: DriftRule = DriftRule()
    prediction_drift: DriftRule = DriftRule()
    error_rate: ErrorRule = ErrorRule()
    latency: LatencyRule = LatencyRule()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.window) and self.window > 0):
            raise ValueError("window must be a number of seconds above zero")
        if not (self.probation >= 0 and self.cooldown >= 0):
            raise ValueError("probation and cooldown must be 0 or more seconds")


DEFAULT = MonitorPolicy()


def parse(text: str | bytes) -> MonitorPolicy:
    """Read a policy; what it does not mention has its default.

    Raises:
        BadInput: not YAML, an unknown field, or a value that is not acceptable; named by its path.
    """
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"the monitor policy is not YAML: {error}") from error
    try:
        return msgspec.convert(loaded if loaded is not None else {}, MonitorPolicy)
    except msgspec.ValidationError as error:
        raise BadInput(f"the monitor policy is wrong: {error}") from error
