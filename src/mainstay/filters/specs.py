"""What may be asked of runs, experiments, models and versions."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mainstay.filters.tree import FieldKind, ValueKind


class EntitySpec(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked of one kind of thing.

    ``prefixes`` maps a written prefix to a kind of field; ``attributes`` maps a name to the kind of
    its value; ``aliases`` are other names of attributes; ``datasets`` are the names after
    ``dataset.``; ``sortable`` are attributes that can be sorted by, beside the keyed fields.
    """

    noun: str
    prefixes: Mapping[str, FieldKind]
    attributes: Mapping[str, ValueKind]
    aliases: Mapping[str, str] = {}
    datasets: tuple[str, ...] = ()
    sortable: tuple[str, ...] = ()
    sort_aliases: Mapping[str, str] = {}


_METRICS: dict[str, FieldKind] = {"metric": "metric", "metrics": "metric"}
_PARAMS: dict[str, FieldKind] = {
    "param": "param",
    "params": "param",
    "parameter": "param",
    "parameters": "param",
}
_TAGS: dict[str, FieldKind] = {"tag": "tag", "tags": "tag"}
_ATTRIBUTES: dict[str, FieldKind] = {
    "attribute": "attribute",
    "attributes": "attribute",
    "attr": "attribute",
}

RUNS = EntitySpec(
    noun="runs",
    prefixes={
        **_METRICS,
        **_PARAMS,
        **_TAGS,
        **_ATTRIBUTES,
        "run": "attribute",
        "dataset": "dataset",
        "datasets": "dataset",
    },
    attributes={
        "run_id": "text",
        "run_name": "text",
        "status": "text",
        "user_id": "text",
        "artifact_uri": "text",
        "start_time": "number",
        "end_time": "number",
        "duration": "number",
    },
    aliases={"created": "start_time", "name": "run_name", "user": "user_id"},
    datasets=("name", "digest", "context"),
    sortable=(
        *("run_id", "run_name", "status", "user_id", "artifact_uri"),
        *("start_time", "end_time", "duration"),
    ),
)
EXPERIMENTS = EntitySpec(
    noun="experiments",
    prefixes={**_TAGS, **_ATTRIBUTES},
    attributes={
        "name": "text",
        "experiment_id": "text",
        "creation_time": "number",
        "last_update_time": "number",
    },
    sortable=("name", "experiment_id", "creation_time", "last_update_time"),
)
LOGGED_MODELS = EntitySpec(
    noun="logged models",
    prefixes={**_METRICS, **_PARAMS, **_TAGS, **_ATTRIBUTES},
    attributes={
        "model_id": "text",
        "name": "text",
        "model_type": "text",
        "status": "text",
        "source_run_id": "text",
        "artifact_location": "text",
        "creation_timestamp": "number",
        "last_updated_timestamp": "number",
    },
    aliases={
        "creation_time": "creation_timestamp",
        "creation_timestamp_ms": "creation_timestamp",
        "last_updated_timestamp_ms": "last_updated_timestamp",
        "run_id": "source_run_id",
        "last_updated_time": "last_updated_timestamp",
    },
    sortable=(
        *("model_id", "name", "model_type", "status", "source_run_id"),
        *("creation_timestamp", "last_updated_timestamp"),
    ),
)
REGISTERED_MODELS = EntitySpec(
    noun="registered models",
    prefixes={**_TAGS, **_ATTRIBUTES},
    attributes={"name": "text"},
    sortable=("name", "last_updated_timestamp"),
    sort_aliases={"timestamp": "last_updated_timestamp"},
)
MODEL_VERSIONS = EntitySpec(
    noun="model versions",
    prefixes={**_TAGS, **_ATTRIBUTES},
    attributes={
        "name": "text",
        "run_id": "text",
        "source_path": "text",
        "version_number": "number",
    },
    aliases={"source": "source_path", "version": "version_number"},
    sortable=("name", "version_number", "creation_timestamp", "last_updated_timestamp"),
    sort_aliases={"version": "version_number", "timestamp": "last_updated_timestamp"},
)
