"""scikit-learn models: ``mainstay.sklearn.log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.autolog.sklearn import autolog

if TYPE_CHECKING:
    from mainstay.models.info import ModelInfo
    from mainstay.models.saving import Package
    from mainstay.packaging.signature import ModelSignature

__all__ = ["autolog", "load_model", "log_model", "save_model"]


def log_model(
    sk_model: Any,
    artifact_path: str | None = None,
    conda_env: Any = None,
    code_paths: Sequence[str] | None = None,
    serialization_format: str | None = None,
    registered_model_name: str | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    await_registration_for: int | None = None,  # noqa: ARG001 - MLflow's name
    pip_requirements: Any = None,
    extra_pip_requirements: Any = None,
    pyfunc_predict_fn: str = "predict",
    metadata: dict[str, Any] | None = None,
    extra_files: Sequence[str] | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    name: str | None = None,
    skops_trusted_types: list[str] | None = None,
    *,
    profile_data: Any = None,
    preprocess: Any = None,
    postprocess: Any = None,
    labels: Any = None,
) -> ModelInfo:
    """Log a fitted estimator or pipeline under the active run (one is started if there is none).

    Args:
        sk_model: the estimator, with its preprocessing inside it.
        name: the logged model's name (``artifact_path`` is its old name); default "model".
        signature: what it takes and gives; inferred from ``input_example`` if left out.
        input_example: a few rows, stored with the model and used to check it and to warm servers.
        serialization_format: skops, cloudpickle or pickle; left out: skops where its types can be
            vouched for, else cloudpickle.
        registered_model_name: register it as the next version of this model too.
        profile_data: training data to make the drift profile of; no rows are kept.
        preprocess: functions or fitted transformers that raw data pass before the model.
        postprocess: functions or objects with ``inverse_transform`` that answers pass.
        labels: names of the classes, put in the place of their numbers.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models.logging import Placement
    from mainstay.models.logging import log_model as log

    package = _package(
        conda_env=conda_env,
        code_paths=code_paths,
        signature=signature,
        input_example=input_example,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
        extra_files=extra_files,
        profile_data=profile_data,
        preprocess=preprocess,
        postprocess=postprocess,
        labels=labels,
        options={
            "serialization_format": serialization_format,
            "skops_trusted_types": skops_trusted_types,
            "pyfunc_predict_fn": pyfunc_predict_fn,
        },
    )
    placement = Placement(
        name=name,
        artifact_path=artifact_path,
        registered_model_name=registered_model_name,
        params=params,
        tags=tags,
        model_type=model_type,
        step=step,
    )
    return log(sk_model, package, placement)


def save_model(
    sk_model: Any,
    path: str | Path,
    conda_env: Any = None,
    code_paths: Sequence[str] | None = None,
    serialization_format: str | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    pip_requirements: Any = None,
    extra_pip_requirements: Any = None,
    pyfunc_predict_fn: str = "predict",
    metadata: dict[str, Any] | None = None,
    skops_trusted_types: list[str] | None = None,
    extra_files: Sequence[str] | None = None,
    *,
    profile_data: Any = None,
    preprocess: Any = None,
    postprocess: Any = None,
    labels: Any = None,
) -> None:
    """Save a fitted estimator as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models.saving import save_model as save

    package = _package(
        conda_env=conda_env,
        code_paths=code_paths,
        signature=signature,
        input_example=input_example,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
        extra_files=extra_files,
        profile_data=profile_data,
        preprocess=preprocess,
        postprocess=postprocess,
        labels=labels,
        options={
            "serialization_format": serialization_format,
            "skops_trusted_types": skops_trusted_types,
            "pyfunc_predict_fn": pyfunc_predict_fn,
        },
    )
    save(sk_model, path, package)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the scikit-learn object at any model address; its files go to ``dst_path`` too.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load(
        "sklearn", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path
    )


def _package(**fields: Any) -> Package:
    from mainstay.models.saving import Package

    return Package(flavor="sklearn", **fields)
