"""System metrics of a run: a thread samples the machine and logs through the spool.

Nothing that goes wrong here reaches the training: without psutil one warning says so, and a
sampler that fails is left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from mainstay import settings
from mainstay.capture import machine
from mainstay.client import defaults
from mainstay.errors import BadInput
from mainstay.spool.reports import warn

Log = Callable[[dict[str, float], int, int], None]
"""Logs values with their time (ms) and step."""

_STOP_SECONDS = 2.0

_warned = False


def enable_system_metrics_logging() -> None:
    """Record system metrics of every run that starts from now on."""
    settings.ENABLE_SYSTEM_METRICS_LOGGING.set(True)


def disable_system_metrics_logging() -> None:
    """Record them only for runs started with ``log_system_metrics=True``."""
    settings.ENABLE_SYSTEM_METRICS_LOGGING.set(False)


def set_system_metrics_sampling_interval(interval: float | None) -> None:
    """Sample every ``interval`` seconds; None goes back to 10. Raises: BadInput."""
    if interval is not None and not interval > 0:
        raise BadInput(f"a sampling interval of {interval!r} seconds is not above zero")
    settings.SYSTEM_METRICS_SAMPLING_INTERVAL.set(interval)


def set_system_metrics_samples_before_logging(samples: int | None) -> None:
    """Log the mean of so many samples; None goes back to 1. Raises: BadInput."""
    if samples is not None and int(samples) < 1:
        raise BadInput(f"{samples!r} samples cannot be averaged; give 1 or more")
    settings.SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING.set(None if samples is None else int(samples))


def set_system_metrics_node_id(node_id: str | None) -> None:
    """Name this machine in the metrics: ``system/<node id>/…``, for runs on several."""
    settings.SYSTEM_METRICS_NODE_ID.set(node_id)


def wanted(asked: bool | None) -> bool:
    """Say whether a run's system metrics are recorded: as asked for it, else as set for all."""
    return settings.ENABLE_SYSTEM_METRICS_LOGGING.get() if asked is None else asked


class Monitor:
    """Samples until it is stopped; the last samples are logged then."""

    def __init__(self, log: Log, *, first_step: int = 0) -> None:
        """Log with ``log``; a resumed run goes on counting at ``first_step``."""
        self._log = log
        self._step = first_step
        self._interval = settings.SYSTEM_METRICS_SAMPLING_INTERVAL.get()
        self._batch = settings.SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING.get()
        node = settings.SYSTEM_METRICS_NODE_ID.get()
        self._prefix = f"system/{node}/" if node else "system/"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mainstay-system", daemon=True)

    @classmethod
    def begin(cls, log: Log, *, first_step: int = 0) -> Monitor | None:
        """Start; None, with a warning, where nothing can be sampled."""
        global _warned
        try:
            machine.samplers()
            monitor = cls(log, first_step=first_step)
            monitor._thread.start()
        except (ImportError, RuntimeError, OSError) as error:
            if not _warned:
                _warned = True
                warn(
                    f"system metrics cannot be recorded ({error}); "
                    "pip install 'mainstay[system]' brings what they need"
                )
            return None
        return monitor

    def stop(self) -> None:
        """End, bounded in time."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        try:
            samplers = machine.samplers()
            samples: list[dict[str, float]] = []
            while not self._stop.wait(self._interval):
                samples.append(self._sample(samplers))
                if len(samples) >= self._batch:
                    self._publish(samples)
                    samples = []
            if samples or self._step == 0:  # a short run has one sample at least
                self._publish([*samples, self._sample(samplers)])
        except Exception as error:  # noqa: BLE001 - training's border: a worker that may not end it
            warn(f"system metrics are no longer recorded ({type(error).__name__}: {error})")

    def _sample(self, samplers: list[machine.Sampler]) -> dict[str, float]:
        found: dict[str, float] = {}
        for sampler in list(samplers):
            try:
                found |= sampler()
            except Exception:  # noqa: BLE001 - a driver's border: what fails once is left out
                samplers.remove(sampler)
        return found

    def _publish(self, samples: list[dict[str, float]]) -> None:
        values = {f"{self._prefix}{key}": value for key, value in machine.mean(samples).items()}
        if values:
            self._log(values, defaults.now(), self._step)
            self._step += 1
