"""The run of one fit: begun before it, ended after it. Every part may fail without the others."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from mainstay import context
from mainstay.autolog.guard import aside
from mainstay.autolog.options import Options
from mainstay.entities.runs import Run, RunInfo
from mainstay.fluent.active import ActiveRun, end, start_run
from mainstay.fluent.inputs import log_input
from mainstay.fluent.session import session

PARAM_LENGTH = 6000
"""Characters of a parameter's value that the protocol takes."""

QUICK = 1.0
"""Seconds that a fit may take and still be sent together with what is recorded before it."""

BURST = 2.0
"""Seconds that what is recorded after a fit may take and still be sent together."""

_FORBIDDEN = re.compile(r"[^/\w.\- :]")


class Recording:
    """Writes what a fit was told and what came of it into the active run, or one of its own."""

    def __init__(self, library: str, options: Options, run: ActiveRun, *, own: bool) -> None:
        self.library = library
        self.options = options
        self.run = run
        self.own = own
        self.client = run.owner.client

    @classmethod
    def begin(cls, library: str, options: Options) -> Recording | None:
        """Take the active run, or start one with the options' tags.

        Returns None where nothing is to be recorded: the user started a run and recording is
        exclusive, or no run can be started, which is said once.
        """
        begun = None
        with aside(library, "the run", silent=options.silent):
            active = context.active()
            if active is None or not options.exclusive:
                run = active or start_run(tags=options.extra_tags)
                run.owner.spool.gather(QUICK)
                begun = cls(library, options, run, own=active is None)
        return begun

    @classmethod
    def rejoin(cls, library: str, options: Options, run_id: str) -> Recording:
        """Write into a run of the process that started this one. The run is its to end."""
        known = Run(info=RunInfo(run_id=run_id, experiment_id="", run_name=""))
        return cls(library, options, ActiveRun(known, session()), own=False)

    def part(self, name: str) -> AbstractContextManager[None]:
        """Return the border around a part of recording: if it fails, the rest goes on."""
        return aside(self.library, name, silent=self.options.silent)

    def describe(self, params: Mapping[str, Any], model: Any = None) -> None:
        """Log parameters and the tags that say what is fitted.

        What the user logged under the same name stands: a parameter never changes.
        """
        told = self.run.params
        texts = {name(key): str(value)[:PARAM_LENGTH] for key, value in params.items()}
        new = {key: text for key, text in texts.items() if told.get(key, text) == text}
        told.update(new)
        tags = {"mlflow.autologging": self.library} if model is None else self.estimator_tags(model)
        self.client.log_batch(self.run.run_id, params=new, tags=tags)

    def estimator_tags(self, model: Any) -> dict[str, str]:
        """Return the tags that say what is fitted, and that autolog wrote them."""
        kind = type(model)
        return {
            "mlflow.autologging": self.library,
            "estimator_name": kind.__name__,
            "estimator_class": f"{kind.__module__}.{kind.__name__}",
        }

    def metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """Log points that share their step; a call costs an append to the spool."""
        points = {name(key): float(value) for key, value in values.items()}
        if points:
            at = time.time_ns() // 1_000_000
            self.run.owner.tracking.log_values(self.run.run_id, points, timestamp=at, step=step)

    def tags(self, values: Mapping[str, Any]) -> None:
        """Set tags."""
        self.client.log_batch(self.run.run_id, tags=dict(values))

    def json(self, value: Any, path: str) -> None:
        """Log a JSON artifact."""
        self.client.log_bytes(self.run.run_id, json.dumps(value).encode(), path)

    def plot(self, value: Mapping[str, Any], path: str) -> None:
        """Log a plot as data, and the picture of it where that is asked for.

        The picture lies in the run's root, as MLflow's do.
        """
        if not self.options.log_plots:
            return
        self.json(value, path)
        if self.options.log_plots == "png":
            from mainstay.autolog import pictures

            picture = path.rpartition("/")[2].removesuffix(".json") + ".png"
            self.client.log_bytes(self.run.run_id, pictures.png(value), picture)

    def text(self, value: str, path: str) -> None:
        """Log a text artifact."""
        self.client.log_text(self.run.run_id, value, path)

    def dataset(self, described: Any, purpose: str) -> None:
        """Record that a data set was read, ``purpose`` being ``train`` or ``eval``."""
        log_input(described, context=purpose)

    @contextmanager
    def training(self) -> Iterator[None]:
        """Hold the training itself: if it raises, a run of its own failed with it."""
        try:
            yield
        except BaseException:
            self.failed()
            raise
        self.trained()

    def trained(self) -> None:
        """The training is over: what is recorded from now on is sent together, in few requests."""
        self.run.owner.spool.gather(BURST)

    def failed(self) -> None:
        """The fit raised: a run of its own failed with it."""
        self._end("FAILED")

    def finished(self) -> None:
        """The fit is done: a run of its own ends. Nothing is waited for; the sender sends."""
        self._end("FINISHED")

    def _end(self, status: str) -> None:
        with self.part("the end of the run"):
            if self.own:
                end(self.run, status, wait=False)
            self.run.owner.spool.gathered()


def name(key: object) -> str:
    """Return a metric's or parameter's name with nothing in it that the protocol refuses.

    >>> name("valid-ndcg@5")
    'valid-ndcg_at_5'
    """
    return _FORBIDDEN.sub("_", str(key).replace("@", "_at_"))
