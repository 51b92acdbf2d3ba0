"""The logged model that this thread works on: metrics that are logged are about it."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Any

from mainstay import context
from mainstay.entities.logged_models import LoggedModel
from mainstay.errors import BadInput
from mainstay.fluent.models import initialize_logged_model, search_logged_models
from mainstay.fluent.session import session

EXTERNAL = "mlflow.model.isExternal"
"""The tag of a model whose files are kept elsewhere."""


class ActiveModel:
    """A logged model that is active; in a ``with`` block, until its end."""

    def __init__(self, model: LoggedModel, token: Token[str | None]) -> None:
        self.model = model
        self._token = token

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def __enter__(self) -> ActiveModel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        context.reset_active_model(self._token)

    def __repr__(self) -> str:
        return f"<ActiveModel {self.model.model_id}>"


def set_active_model(*, name: str | None = None, model_id: str | None = None) -> ActiveModel:
    """Make a logged model the one that metrics are about.

    By ``model_id``; or by ``name``, the newest of that name in the experiment, made as an external
    model if there is none. Raises: BadInput unless exactly one is given; NotFound.
    """
    if (name is None) == (model_id is None):
        raise BadInput("give either name or model_id")
    if model_id is not None:
        model = session().client.get_logged_model(model_id)
    else:
        wanted = f"name = '{_quoted(str(name))}'"
        found = search_logged_models(filter_string=wanted, max_results=1, output_format="list")
        model = found[0] if found else create_external_model(name)
    return ActiveModel(model, context.set_active_model(model.model_id))


def get_active_model_id() -> str | None:
    """Return the id of the active model of this thread or task, None if there is none."""
    return context.active_model()


def clear_active_model() -> None:
    """Have none."""
    context.set_active_model(None)


def create_external_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
) -> LoggedModel:
    """Create a logged model without files: one that lives elsewhere. It is READY at once."""
    model = initialize_logged_model(
        name,
        source_run_id=source_run_id,
        tags={**(tags or {}), EXTERNAL: "true"},
        params=params,
        model_type=model_type,
        experiment_id=experiment_id,
    )
    client = session().client
    client.finalize_logged_model(model.model_id, "READY")
    return client.get_logged_model(model.model_id)


def _quoted(name: str) -> str:
    if "'" in name:
        raise BadInput(f"the model name {name!r} may not hold a quotation mark")
    return name
