"""Log a model under the active run: written privately, uploaded, finalized, registered if asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from mainstay.errors import BadInput
from mainstay.fluent import models as logged
from mainstay.fluent.active import current
from mainstay.models import saving
from mainstay.models.info import ModelInfo
from mainstay.models.saving import Package

DEFAULT_NAME = "model"


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a logged model goes: its name, what is known of it, and the registered model."""

    name: str | None = None
    artifact_path: str | None = None
    registered_model_name: str | None = None
    params: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] | None = None
    model_type: str | None = None
    step: int = 0


def log_model(model: Any, package: Package, placement: Placement) -> ModelInfo:
    """Log ``model`` under the active run, or under a new one if there is none.

    The model is written and checked before anything is recorded. With the server away the files
    wait in the spool. Raises: BadInput; what registering raises (GateRefused is not among them:
    gates guard aliases).
    """
    name = placement.name or placement.artifact_path or DEFAULT_NAME
    if any(mark in name for mark in "/:.%\"'") or not name.strip():
        raise BadInput(
            f"the model name {name!r} may not be empty or hold any of / : . % \" '; "
            "give name='model', say"
        )
    run = current()
    with saving.private_folder() as place:
        folder = Path(place) / "model"
        folder.mkdir(mode=0o700)
        found = logged.initialize_logged_model(
            name,
            params=placement.params,
            tags=placement.tags,
            model_type=placement.model_type,
            step=placement.step,
        )
        try:
            known = msgspec.structs.replace(
                package,
                run_id=run.run_id,
                model_id=found.model_id,
                artifact_path=found.artifact_location or None,
            )
            metadata = saving.write(model, folder, known)
            logged.log_model_artifacts(folder, found.model_id)
        except BaseException:
            logged.finalize_logged_model(found.model_id, "FAILED")
            raise
        logged.finalize_logged_model(found.model_id, "READY")
    version = None
    if placement.registered_model_name:
        version = logged.register_logged_model(
            found.model_id, placement.registered_model_name, run_id=run.run_id
        )
    return ModelInfo.of(
        metadata,
        uri=f"models:/{found.model_id}",
        name=name,
        version=version.version if version is not None else None,
    )
