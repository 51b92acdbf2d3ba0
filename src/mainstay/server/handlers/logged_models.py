"""Logged models."""

from __future__ import annotations

from mainstay.server.context import Context
from mainstay.wire.base import Empty, mapping
from mainstay.wire.logged_models import (
    CreateLoggedModel,
    FinalizeLoggedModel,
    LoggedModelAnswer,
    LoggedModelMessage,
    LoggedModelRef,
    LoggedModelsPage,
    LoggedModelTagRef,
    LogLoggedModelParams,
    SearchLoggedModels,
    SetLoggedModelTags,
)


def create(context: Context, request: CreateLoggedModel) -> LoggedModelAnswer:
    """Start a logged model."""
    made = context.tracking.create_logged_model(
        request.experiment_id,
        name=request.name or None,
        model_id=request.model_id or None,
        model_type=request.model_type or None,
        source_run_id=request.source_run_id or None,
        params=mapping(request.params),
        tags=mapping(request.tags),
        by=context.principal,
    )
    return LoggedModelAnswer(model=LoggedModelMessage.of(made))


def get(context: Context, request: LoggedModelRef) -> LoggedModelAnswer:
    """Return a logged model."""
    found = context.tracking.get_logged_model(request.model_id)
    return LoggedModelAnswer(model=LoggedModelMessage.of(found))


def finalize(context: Context, request: FinalizeLoggedModel) -> LoggedModelAnswer:
    """Say that a logged model's files are there, or that it failed."""
    done = context.tracking.finalize_logged_model(request.model_id, request.outcome())
    return LoggedModelAnswer(model=LoggedModelMessage.of(done))


def delete(context: Context, request: LoggedModelRef) -> Empty:
    """Mark a logged model deleted."""
    context.tracking.delete_logged_model(request.model_id)
    return Empty()


def search(context: Context, request: SearchLoggedModels) -> LoggedModelsPage:
    """Search logged models."""
    found = context.tracking.search_logged_models(request.experiment_ids, request.search())
    return LoggedModelsPage.of(found)


def set_tags(context: Context, request: SetLoggedModelTags) -> LoggedModelAnswer:
    """Set tags."""
    done = context.tracking.set_logged_model_tags(request.model_id, mapping(request.tags))
    return LoggedModelAnswer(model=LoggedModelMessage.of(done))


def delete_tag(context: Context, request: LoggedModelTagRef) -> Empty:
    """Take a tag off."""
    context.tracking.delete_logged_model_tag(request.model_id, request.tag_key)
    return Empty()


def log_params(context: Context, request: LogLoggedModelParams) -> Empty:
    """Add parameters."""
    context.tracking.log_logged_model_params(request.model_id, mapping(request.params))
    return Empty()
