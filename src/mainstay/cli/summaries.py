"""What an experiment amounts to: its runs by state, the range of each metric, what was tried."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from statistics import median

import msgspec

from mainstay.client import Client
from mainstay.entities.experiments import Experiment
from mainstay.entities.runs import Run

PAGE = 1000
STATES = ("FINISHED", "FAILED", "KILLED", "RUNNING", "SCHEDULED", "LOST")
SHOWN = 6
"""Values of a parameter that are written out; of more their number is."""


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """The last values of a metric over runs; NaN is left out."""

    low: float
    median: float
    high: float
    runs: int
    low_run: str
    high_run: str


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment, and what its active runs amount to."""

    experiment: Experiment
    runs: int
    states: dict[str, int]
    """Runs by status; ``LOST`` are those that say RUNNING and have fallen silent."""

    last_start: int | None
    metrics: dict[str, Range]
    params: dict[str, list[str]]
    """The distinct values of each parameter, sorted."""


def summarise(source: Client, experiment: Experiment) -> Summary:
    """Read all active runs of an experiment. Raises: what the store raises."""
    runs = list(every_run(source, experiment.experiment_id))
    running = [run.info.run_id for run in runs if run.info.status == "RUNNING"]
    pulses: dict[str, bool] = {}
    for start in range(0, len(running), PAGE):
        found = source.get_pulses(running[start : start + PAGE])
        pulses |= {run_id: pulse.lost for run_id, pulse in found.items()}
    lost = {run_id for run_id, is_lost in pulses.items() if is_lost}
    return summary(experiment, runs, lost)


def every_run(source: Client, experiment_id: str, filter_string: str = "") -> Iterator[Run]:
    """Yield the active runs of an experiment, newest first, however many there are."""
    token: str | None = None
    while True:
        page = source.search_runs(
            [experiment_id], filter_string, max_results=PAGE, page_token=token
        )
        yield from page
        token = page.token
        if not token:
            return


def summary(experiment: Experiment, runs: Collection[Run], lost: Collection[str]) -> Summary:
    """Sum runs up."""
    states = Counter("LOST" if run.info.run_id in lost else run.info.status for run in runs)
    metrics = {key for run in runs for key in run.data.metrics}
    ranges = {key: _range(key, runs) for key in sorted(metrics)}
    params = sorted({key for run in runs for key in run.data.params})
    return Summary(
        experiment=experiment,
        runs=len(runs),
        states={state: states[state] for state in STATES if states[state]},
        last_start=max((run.info.start_time for run in runs), default=None),
        metrics={key: found for key, found in ranges.items() if found is not None},
        params={key: _values(key, runs) for key in params},
    )


def tried(values: Iterable[str]) -> str:
    """Return the values of a parameter as text: all if they are few, else the ends."""
    found = list(values)
    if len(found) <= SHOWN:
        return ", ".join(found)
    return f"{len(found)} values, {found[0]} to {found[-1]}"


def _range(key: str, runs: Collection[Run]) -> Range | None:
    known = [
        (value, run.info.run_id)
        for run in runs
        if (value := run.data.metrics.get(key)) is not None and not math.isnan(value)
    ]
    if not known:
        return None
    (low, low_run), (high, high_run) = min(known), max(known)
    return Range(
        low=low,
        median=median(value for value, _ in known),
        high=high,
        runs=len(known),
        low_run=low_run,
        high_run=high_run,
    )


def _values(key: str, runs: Collection[Run]) -> list[str]:
    found = {run.data.params[key] for run in runs if key in run.data.params}
    return sorted(found, key=_order)


def _order(value: str) -> tuple[float, str]:
    """Sort numbers as numbers, behind them the rest as text."""
    try:
        number = float(value)
    except ValueError:
        return math.inf, value
    return (math.inf if math.isnan(number) else number), value
