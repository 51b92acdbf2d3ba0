"""Registering models and finding their versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mainstay.entities.registry import ModelVersion, RegisteredModel
from mainstay.fluent.session import session


def register_model(
    model_uri: str,
    name: str,
    await_registration_for: int | None = 300,  # noqa: ARG001 - MLflow's name
    *,
    tags: dict[str, Any] | None = None,
    env_pack: Any = None,  # noqa: ARG001 - MLflow's name
) -> ModelVersion:
    """Register a logged model (``runs:/<run>/<name>``, ``models:/m-…``) as the next version.

    The model is created if it is not there; what this process logged has arrived before. Raises:
    NotFound, BadInput, NotYetSent. ``await_registration_for`` is accepted as in MLflow.
    """
    return session().client.register(model_uri, name, tags)


def set_model_version_tag(
    name: str, version: str | int | None = None, key: str | None = None, value: Any = None
) -> None:
    """Set a tag of a version. Raises: NotFound, BadInput."""
    session().client.set_model_version_tag(name, version, key, value)


def search_registered_models(
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[RegisteredModel]:
    """Return registered models, by name; all of them unless ``max_results`` is given."""
    client, token = session().client, None
    found: list[RegisteredModel] = []
    while True:
        left = 1000 if max_results is None else min(1000, max_results - len(found))
        page = client.search_registered_models(filter_string, left, order_by, token)
        found += page
        token = page.token
        if token is None or (max_results is not None and len(found) >= max_results):
            return found


def search_model_versions(
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[ModelVersion]:
    """Return versions, last updated first; all of them unless ``max_results`` is given."""
    client, token = session().client, None
    found: list[ModelVersion] = []
    while True:
        left = 10_000 if max_results is None else min(10_000, max_results - len(found))
        page = client.search_model_versions(filter_string, left, order_by, token)
        found += page
        token = page.token
        if token is None or (max_results is not None and len(found) >= max_results):
            return found
