"""What is known of a model without loading it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mainstay.errors import BadInput
from mainstay.models.loading import open_model
from mainstay.models.sources import ModelStores, is_local
from mainstay.packaging import manifest, mlmodel
from mainstay.packaging.mlmodel import MLmodel
from mainstay.packaging.signature import ModelSignature


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A model that was logged or found; ``registered_model_version`` where it became a version."""

    model_uri: str
    flavors: dict[str, Any]
    model_id: str | None = None
    run_id: str | None = None
    name: str | None = None
    signature: ModelSignature | None = None
    artifact_path: str | None = None
    model_uuid: str | None = None
    utc_time_created: str | None = None
    mlflow_version: str | None = None
    saved_input_example_info: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    registered_model_version: int | None = None

    @classmethod
    def of(
        cls, model: MLmodel, *, uri: str, name: str | None = None, version: int | None = None
    ) -> ModelInfo:
        """Return what ``MLmodel`` says of the model at ``uri``."""
        return cls(
            model_uri=uri,
            flavors=model.flavors,
            model_id=model.model_id,
            run_id=model.run_id,
            name=name,
            signature=model.signature,
            artifact_path=model.artifact_path,
            model_uuid=model.model_uuid,
            utc_time_created=model.utc_time_created,
            mlflow_version=model.mlflow_version,
            saved_input_example_info=model.saved_input_example_info,
            metadata=model.metadata,
            registered_model_version=version,
        )


def get_model_info(model_uri: str, *, stores: ModelStores | None = None) -> ModelInfo:
    """Return what is known of the model at any address; nothing of it runs.

    Raises:
        NotFound, BadInput, InvalidModel: as ``load_model``.
    """
    opened = open_model(model_uri, stores=stores)
    return ModelInfo.of(
        opened.metadata,
        uri=model_uri,
        name=opened.resolved.name,
        version=opened.resolved.version,
    )


def set_signature(model_uri: str, signature: ModelSignature) -> None:
    """Write a signature into the MLmodel of a folder on this machine.

    Logged and registered models do not change: log the model again with the signature.
    Raises: BadInput for any other address, InvalidModel.
    """
    folder = is_local(model_uri)
    if folder is None:
        raise BadInput(
            f"{model_uri} cannot be changed; log the model again with signature=…, or save it "
            "to a folder and set the signature there"
        )
    model = mlmodel.read(Path(folder))
    mlmodel.write(folder, msgspec.structs.replace(model, signature=signature))
    if manifest.read(folder) is not None:
        manifest.write(folder)
