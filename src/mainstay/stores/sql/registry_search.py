"""The searches of the registry: registered models, and model versions."""

from __future__ import annotations

from sqlalchemy import Connection, select

from mainstay import filters
from mainstay.entities.pages import Page, Search
from mainstay.entities.registry import ModelVersion, RegisteredModel
from mainstay.stores.sql import registry_records as records
from mainstay.stores.sql.paging import page_of
from mainstay.stores.sql.search import Fields, Keyed
from mainstay.stores.sql.tables.registry import (
    model_version_tags,
    model_versions,
    registered_model_tags,
    registered_models,
)

MODELS_MOST, VERSIONS_MOST = 1000, 200_000
"""Results of a page, as in MLflow."""


def search_models(connection: Connection, search: Search) -> Page[RegisteredModel]:
    """Return a page of models; default order is by name. Raises: BadInput."""
    found, token = page_of(
        connection,
        MODELS,
        search,
        where=[registered_models.c.deleted_at.is_(None)],
        most=MODELS_MOST,
    )
    query = select(registered_models).where(registered_models.c.id.in_(found))
    rows = {row.id: row for row in connection.execute(query)}
    return Page(records.models(connection, [rows[number] for number in found]), token)


def search_versions(connection: Connection, search: Search) -> Page[ModelVersion]:
    """Return a page of versions, deleted ones excepted. Raises: BadInput.

    Default order is last updated first, then by name, then the highest version first.
    """
    found, token = page_of(
        connection,
        VERSIONS,
        search,
        where=[model_versions.c.deleted.is_(False)],
        most=VERSIONS_MOST,
    )
    return Page(records.versions_by_id(connection, found), token)


MODELS = Fields(
    spec=filters.REGISTERED_MODELS,
    source=registered_models,
    identity=registered_models.c.id,
    attributes={"name": registered_models.c.name},
    sortable={"last_updated_timestamp": registered_models.c.updated_at},
    keyed={
        "tag": Keyed(
            table=registered_model_tags,
            owner=registered_model_tags.c.model_id,
            key=registered_model_tags.c.key,
            value=registered_model_tags.c.value,
        )
    },
    ties=((registered_models.c.name, True),),
)
VERSIONS = Fields(
    spec=filters.MODEL_VERSIONS,
    source=model_versions.join(registered_models),
    identity=model_versions.c.id,
    attributes={
        "name": registered_models.c.name,
        "run_id": model_versions.c.run_id,
        "source_path": model_versions.c.source,
        "version_number": model_versions.c.version,
    },
    sortable={
        "creation_timestamp": model_versions.c.created_at,
        "last_updated_timestamp": model_versions.c.updated_at,
    },
    keyed={
        "tag": Keyed(
            table=model_version_tags,
            owner=model_version_tags.c.version_id,
            key=model_version_tags.c.key,
            value=model_version_tags.c.value,
        )
    },
    ties=(
        (model_versions.c.updated_at, False),
        (registered_models.c.name, True),
        (model_versions.c.version, False),
    ),
)
