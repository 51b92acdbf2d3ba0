"""Experiments, and where they are kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mainstay import context
from mainstay.client.defaults import PagedList
from mainstay.entities.experiments import Experiment
from mainstay.errors import (
    AlreadyExists,
    BadInput,
    DatabaseMismatch,
    EndpointNotFound,
    InvalidState,
    MainstayError,
    MethodNotAllowed,
    NotFound,
    Unavailable,
)
from mainstay.fluent.session import session
from mainstay.spool.reports import warn

T = TypeVar("T")

ASK = 5.0
"""Seconds that ``set_experiment`` waits for the server; after that the name alone is used."""


def set_tracking_uri(uri: Any) -> None:
    """Send runs to a server (``http://…``) or a database (``sqlite:///runs.db``)."""
    context.set_tracking_uri(str(uri) if uri is not None else None)


def get_tracking_uri() -> str:
    """Return where runs go."""
    return context.tracking_uri()


def is_tracking_uri_set() -> bool:
    """Say whether an address was chosen, by a call or in the environment."""
    from mainstay import settings

    return settings.TRACKING_URI.get() is not None


def set_registry_uri(uri: str) -> None:
    """Register models elsewhere than where runs go."""
    context.set_registry_uri(uri)


def get_registry_uri() -> str:
    """Return where models are registered."""
    return context.registry_uri()


def set_experiment(
    experiment_name: str | None = None, experiment_id: str | None = None
) -> Experiment:
    """Choose the experiment of new runs, by name (created if missing) or by id.

    If the server does not answer, or has trouble of its own, the name alone is kept, and the
    experiment is found or created when the runs arrive; the answer's id is empty then. Raises:
    BadInput, NotFound (an unknown id), InvalidState (it is deleted).
    """
    if (experiment_name is None) == (experiment_id is None):
        raise BadInput("give either experiment_name or experiment_id")
    if experiment_id is not None:
        found = session().client.get_experiment(str(experiment_id))
    else:
        found = _by_name(str(experiment_name))
    if found.lifecycle_stage == "deleted":
        raise InvalidState(
            f"experiment {found.name!r} (id {found.experiment_id}) is deleted; restore it with "
            f"mainstay.restore_experiment({found.experiment_id!r}), or use another name"
        )
    context.set_experiment(found.experiment_id or None, found.name)
    return found


def create_experiment(
    name: str, artifact_location: str | None = None, tags: dict[str, Any] | None = None
) -> str:
    """Create an experiment and return its id. Raises: AlreadyExists, BadInput."""
    return session().client.create_experiment(name, artifact_location, tags)


def get_experiment(experiment_id: str) -> Experiment:
    """Return it, deleted or not. Raises: NotFound."""
    return session().client.get_experiment(experiment_id)


def get_experiment_by_name(name: str) -> Experiment | None:
    """Return it, deleted or not; None if there is none of that name."""
    return session().client.get_experiment_by_name(name)


def search_experiments(
    view_type: int | str = "ACTIVE_ONLY",
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[Experiment]:
    """Return experiments, newest first; all of them unless ``max_results`` is given."""
    client, token = session().client, None
    found: list[Experiment] = []
    while True:
        left = 1000 if max_results is None else min(1000, max_results - len(found))
        page: PagedList[Experiment] = client.search_experiments(
            view_type, left, filter_string, order_by, token
        )
        found += page
        token = page.token
        if token is None or (max_results is not None and len(found) >= max_results):
            return found


def delete_experiment(experiment_id: str) -> None:
    """Mark it and its runs deleted. Raises: NotFound."""
    session().client.delete_experiment(experiment_id)


def restore_experiment(experiment_id: str) -> None:
    """Bring it back. Raises: NotFound."""
    session().client.restore_experiment(experiment_id)


def set_experiment_tag(key: str, value: Any) -> None:
    """Set a tag of the experiment of new runs."""
    session().client.set_experiment_tag(current_experiment().experiment_id, key, value)


def set_experiment_tags(tags: dict[str, Any]) -> None:
    """Set tags of the experiment of new runs."""
    for key, value in tags.items():
        set_experiment_tag(key, value)


def delete_experiment_tag(key: str) -> None:
    """Take a tag off the experiment of new runs."""
    session().client.delete_experiment_tag(current_experiment().experiment_id, key)


def current_experiment() -> Experiment:
    """Return the experiment of new runs as the server has it; created if it is missing."""
    experiment_id, name = context.experiment()
    if experiment_id is not None:
        return session().client.get_experiment(experiment_id)
    return _find_or_create(str(name))


def _by_name(name: str) -> Experiment:
    own = session()
    named = Experiment(experiment_id="", name=name, artifact_location="")
    if own.spool.offline:
        return named
    try:
        return within(ASK, lambda: _find_or_create(name))
    except MainstayError as error:
        if not is_servers_trouble(error):
            raise
        warn(
            f"{own.spool.uri} does not answer as it should ({error.message}); runs go into the "
            f"spool, for the experiment {name!r}"
        )
        return named


def is_servers_trouble(error: MainstayError) -> bool:
    """Say whether it may pass without the user's doing anything: no reason to stop a training."""
    if isinstance(error, DatabaseMismatch):
        return False
    # A server that is there knows experiments: what does not is something in front of it.
    strange = isinstance(error, (EndpointNotFound, MethodNotAllowed))
    return strange or error.status in (408, 429) or error.status >= 500


def _find_or_create(name: str) -> Experiment:
    # Not through the spool's waiting door: an experiment does not depend on earlier records.
    tracking = session().spool.stores().tracking
    try:
        return tracking.get_experiment_by_name(name)
    except NotFound:
        pass
    try:
        return tracking.create_experiment(name)
    except AlreadyExists:  # somebody else was quicker
        return tracking.get_experiment_by_name(name)


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what ``work`` returns, or raise Unavailable if that takes longer."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            failure.append(error)

    thread = threading.Thread(target=run, name="mainstay-ask", daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not outcome:
        raise Unavailable(f"no answer within {seconds:g} s")
    return outcome[0]
