"""What the reading commands share: which client, which experiment, which run, and times as text."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from mainstay.client import Client
from mainstay.entities.experiments import Experiment
from mainstay.entities.runs import Run
from mainstay.errors import BadInput, NotFound

tracking_option = click.option(
    "--tracking-uri", help="A server or database; default: the setting, else sqlite:///mainstay.db."
)
VIEWS = {
    "active_only": "ACTIVE_ONLY",
    "deleted_only": "DELETED_ONLY",
    "all": "ALL",
}
view_option = click.option(
    "-v",
    "--view",
    type=click.Choice(list(VIEWS)),
    default="active_only",
    show_default=True,
    help="Which of them: active, deleted, or all.",
)


def client(tracking_uri: str | None) -> Client:
    """Return the client that a command works with. Raises: BadInput, Unavailable."""
    return Client(tracking_uri)


def find_experiment(source: Client, name: str | None, experiment_id: str | None) -> Experiment:
    """Return an experiment by name or id; the one called Default if neither is given.

    ``name`` may be an id too. Raises: NotFound, BadInput if both are given and differ.
    """
    if experiment_id is not None:
        return source.get_experiment(experiment_id)
    wanted = name or "Default"
    found = source.get_experiment_by_name(wanted)
    if found is None and wanted.isdigit():
        return source.get_experiment(wanted)
    if found is None:
        raise NotFound(
            f"there is no experiment {wanted!r}; `mainstay experiments list` shows those there are"
        )
    return found


def every_experiment(
    source: Client, view: str = "ACTIVE_ONLY", filter_string: str = ""
) -> list[Experiment]:
    """Return all experiments, newest first, however many there are."""
    found: list[Experiment] = []
    token: str | None = None
    while True:
        page = source.search_experiments(view, 1000, filter_string, page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def find_run(source: Client, given: str) -> Run:
    """Return a run by id, or by name if exactly one active run has it. Raises: NotFound."""
    try:
        return source.get_run(given)
    except NotFound:
        pass
    ids = [experiment.experiment_id for experiment in every_experiment(source)]
    quoted = '"' + given + '"' if "'" in given else f"'{given}'"
    named = source.search_runs(ids, f"attributes.run_name = {quoted}", max_results=2)
    if len(named) == 1:
        return named[0]
    if named:
        raise BadInput(f"several runs are called {given!r}; give the id of one")
    raise NotFound(f"there is no run with the id or name {given!r}")


def when(milliseconds: int | None) -> str:
    """Return a time as text, UTC."""
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def took(run: Run) -> str:
    """Return how long a run took, as text."""
    if run.info.end_time is None:
        return ""
    seconds = (run.info.end_time - run.info.start_time) / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def short(value: float) -> str:
    """Return a number in at most six digits."""
    return f"{value:.6g}"
