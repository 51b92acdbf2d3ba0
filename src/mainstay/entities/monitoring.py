"""Windows of served traffic, drift reports, alerts, and what was done about them."""

from __future__ import annotations

from typing import Literal

import msgspec

AlertKind = Literal["input_drift", "prediction_drift", "error_rate", "latency", "performance"]
AlertState = Literal["inactive", "pending", "firing", "resolved"]
ActionKind = Literal["notify", "retrain", "rollback"]


class WindowCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one worker over one stretch of time; they add up exactly.

    ``features`` and ``predictions`` are counts in the bins of the profile packaged with the model
    (its quantile or category bins, then ``unseen``, then ``null``). ``latency`` counts requests in
    the bins of ``LATENCY_EDGES``. ``window_id`` makes a resend have no second effect. ``errors``
    are answers of status 500 and above; ``rejected`` are the caller's mistakes.
    """

    window_id: str
    deployment: str
    name: str
    version: int
    start: int
    end: int
    requests: int = 0
    rows: int = 0
    errors: int = 0
    rejected: int = 0
    latency: tuple[int, ...] = ()
    features: dict[str, tuple[int, ...]] = {}
    predictions: tuple[int, ...] = ()


LATENCY_EDGES: tuple[float, ...] = (
    *(0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075),
    *(0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0),
)
"""Upper edges of the latency bins, in seconds; one more bin holds what is slower."""


class FeatureDrift(msgspec.Struct, frozen=True, kw_only=True):
    """What a detector says of one feature in one window."""

    feature: str
    detector: str
    score: float
    threshold: float
    effect: float
    p_value: float
    drifted: bool
    message: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one window looked like beside the reference."""

    report_id: str
    deployment: str
    name: str
    version: int
    start: int
    end: int
    requests: int
    rows: int
    errors: int
    error_rate: float
    latency_p50: float
    latency_p99: float
    features: list[FeatureDrift]
    predictions: FeatureDrift | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert and its state; ``subject`` is the feature, or empty for the whole model."""

    alert_id: str
    deployment: str
    name: str
    version: int
    kind: AlertKind
    subject: str = ""
    state: AlertState = "inactive"
    value: float = 0.0
    threshold: float = 0.0
    message: str = ""
    streak: int = 0
    since: int = 0
    updated_at: int = 0


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What was done because of an alert, once."""

    action_id: str
    alert_id: str
    kind: ActionKind
    done: bool
    detail: str
    at: int


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """A server that follows a model address, as it last reported of itself."""

    deployment: str
    uri: str
    name: str
    desired_version: int | None
    serving_version: int | None
    url: str
    state: Literal["starting", "serving", "swapping", "failed", "stopped"]
    message: str = ""
    updated_at: int = 0
