"""Which events webhooks can be told of, and the body that is sent.

A kind is ``entity.action``. The first six are MLflow's, with MLflow's fields in ``data``; the rest
is what MLflow's webhooks never hear of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mainstay.errors import BadInput
from mainstay.wire.codec import to_json

_VERSION = {"name": "example_model", "version": 1}
_TAG = {"key": "example_key", "value": "example_value"}
_KEY = {"key": "example_key"}
_ALIAS = {"name": "example_model", "alias": "champion"}
_ALERT = {"alert_id": "example", "deployment": "example_model@champion", "previous": "pending"}
_APPROVAL = {"approval_id": "example", "name": "example_model", "version": 1, "alias": "champion"}

MLFLOW: Mapping[str, Mapping[str, Any]] = {
    "registered_model.created": {
        "name": "example_model",
        "tags": {"example_key": "example_value"},
        "description": "An example registered model",
    },
    "model_version.created": {
        **_VERSION,
        "source": "models:/123",
        "run_id": "abcd1234abcd5678",
        "tags": {"example_key": "example_value"},
        "description": "An example model version",
    },
    "model_version_tag.set": {**_VERSION, **_TAG},
    "model_version_tag.deleted": {**_VERSION, **_KEY},
    "model_version_alias.created": {**_ALIAS, "version": 1},
    "model_version_alias.deleted": _ALIAS,
}
"""MLflow's kinds, each with the data of a test delivery."""

OWN: Mapping[str, Mapping[str, Any]] = {
    "registered_model.updated": {"name": "example_model", "description": "new"},
    "registered_model.renamed": {"name": "example_model", "new_name": "better_name"},
    "registered_model.deleted": {"name": "example_model"},
    "registered_model.restored": {"name": "example_model", "deleted_name": "example_model"},
    "registered_model_tag.set": {"name": "example_model", **_TAG},
    "registered_model_tag.deleted": {"name": "example_model", **_KEY},
    "model_version.updated": {**_VERSION, "description": "new"},
    "model_version.hashed": {**_VERSION, "digest": "00" * 32},
    "model_version.unhashed": {**_VERSION, "reason": "there are no files"},
    "model_version.vouched": {**_VERSION, "recorded_by": None},
    "model_version.transitioned": {**_VERSION, "from_stage": "Staging", "to_stage": "Production"},
    "model_version.deleted": _VERSION,
    "model_version.restored": _VERSION,
    "evidence.recorded": {**_VERSION, "kind": "quality", "values": {"auc": 0.9}},
    "verdict.recorded": {**_VERSION, "alias": "champion", "passed": False, "failed": ["auc"]},
    "approval.requested": _APPROVAL,
    "approval.approved": _APPROVAL,
    "approval.rejected": _APPROVAL,
    "approval.void": _APPROVAL,
    "gate_policy.set": {**_ALIAS, "digest": "00" * 32},
    "gate_policy.deleted": _ALIAS,
    "alert.pending": {**_ALERT, "state": "pending"},
    "alert.firing": {**_ALERT, "state": "firing"},
    "alert.resolved": {**_ALERT, "state": "resolved"},
    "alert.inactive": {**_ALERT, "state": "inactive"},
    "action.claimed": {"action_id": "example", "kind": "rollback"},
    "action.finished": {"action_id": "example", "kind": "rollback", "done": True},
}
"""Ours, in the same way."""

KINDS: Mapping[str, Mapping[str, Any]] = {**MLFLOW, **OWN}


def check(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return kinds without repeats, in order. Raises: BadInput: none, or one that nothing has."""
    if not kinds:
        raise BadInput("Webhook events must be a non-empty list of WebhookEvent objects: [].")
    for kind in kinds:
        if kind not in KINDS:
            entity, _, action = kind.partition(".")
            valid = sorted(one.partition(".")[2] for one in KINDS if one.startswith(entity + "."))
            known = sorted({one.partition(".")[0] for one in KINDS})
            hint = f"Valid actions are: {valid}" if valid else f"Valid entities are: {known}"
            raise BadInput(f"Invalid action {action[:80]!r} for entity {entity[:80]!r}. {hint}")
    return tuple(sorted(set(kinds)))


def body(kind: str, data: Mapping[str, Any], *, at: int) -> bytes:
    """Return what is sent of an event that happened ``at`` (milliseconds)."""
    entity, _, action = kind.partition(".")
    said = dict(data)
    if isinstance(said.get("version"), int):
        said["version"] = str(said["version"])  # MLflow's versions are text on the wire
    moment = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="microseconds")
    return to_json({"entity": entity, "action": action, "timestamp": moment, "data": said})


def sample(kind: str, *, at: int) -> bytes:
    """Return the body of a test delivery. Raises: BadInput."""
    check([kind])
    return body(kind, KINDS[kind], at=at)
