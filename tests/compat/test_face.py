"""The names and arguments of MLflow's classic calls are ours too, but for a written list."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.parts import MLFLOW_PYTHON, PROJECT, require

SCRIPT = Path(__file__).parent / "scripts" / "face.py"

MISSING = {
    "import_checkpoints",
    "login",
    "deployments.BaseDeploymentClient",
    "deployments.get_deploy_client",
    "deployments.run_local",
    "models.EvaluationArtifact",
    "models.FlavorBackend",
    "models.Model",
    "models.Resource",
    "models.add_libraries_to_model",
    "models.build_docker",
    "models.convert_input_example_to_serving_input",
    "models.infer_pip_requirements",
    "models.list_evaluators",
    "models.predict",
    "models.update_model_requirements",
    "models.validate_schema",
    "models.validate_serving_input",
    "projects.SubmittedRun",
    "pyfunc.add_to_model",
    "pyfunc.build_model_env",
    "pyfunc.get_default_conda_env",
    "pyfunc.get_default_pip_requirements",
    "pyfunc.spark_udf",
    "sklearn.get_default_conda_env",
    "sklearn.get_default_pip_requirements",
}
"""Names that are not here; one that comes must be struck out."""

OF_A_PROJECT = {"docker_args", "backend_config", "build_image", "docker_auth"}

OF_A_FUNCTION = {
    *("infer_code_paths", "streamable", "resources", "auth_policy"),
    *("uv_project_path", "uv_groups", "uv_extras"),
}

WITHOUT = {
    "create_experiment": {"trace_location"},
    "set_experiment": {"trace_location"},
    "run": OF_A_PROJECT,
    "projects.run": OF_A_PROJECT,
    "models.make_metric": {"metric_details", "metric_metadata", "genai_metric_args"},
    "pyfunc.log_model": {*OF_A_FUNCTION, "prompts", "model_id"},
    "pyfunc.save_model": {*OF_A_FUNCTION, "mlflow_model"},
    "sklearn.log_model": {"model_id"},
    "sklearn.save_model": {"mlflow_model"},
    "MlflowClient.create_registered_model": {"deployment_job_id"},
    "MlflowClient.update_registered_model": {"deployment_job_id"},
}

OTHERWISE = {"run", "projects.run"}
"""Calls whose arguments are in another order, or are others."""

DEFAULTS = {
    "search_runs.run_view_type",
    "search_experiments.view_type",
    "MlflowClient.search_runs.run_view_type",
    "MlflowClient.search_experiments.view_type",
    "finalize_logged_model.status",
    "MlflowClient.finalize_logged_model.status",
    "MlflowClient.download_artifacts.path",
    "run.env_manager",
    "projects.run.env_manager",
    "pyfunc.log_model.await_registration_for",
    "sklearn.log_model.await_registration_for",
    "sklearn.autolog.log_input_examples",
    "sklearn.autolog.serialization_format",
}
"""Arguments with another default; the page on moving says of each what it means."""

REQUIRED = {"log_outputs"}
"""Calls that MLflow lets begin without an argument that it then asks for."""


def face(python: Path | str, package: str) -> dict[str, Any]:
    done = subprocess.run(
        [str(python), str(SCRIPT), package], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def faces() -> list[tuple[str, Any, Any]]:
    """Return name, MLflow's and our arguments of every call that MLflow has."""
    require("mlflow")
    theirs, ours = face(MLFLOW_PYTHON, "mlflow"), face(sys.executable, "mainstay")
    return [(name, theirs[name], ours[name]) for name in theirs if theirs[name] is not None]


def test_every_name_is_there_or_on_the_list(faces: list[tuple[str, Any, Any]]) -> None:
    assert {name for name, _, ours in faces if ours is None} == MISSING


def test_every_argument_is_there_or_on_the_list(faces: list[tuple[str, Any, Any]]) -> None:
    lacking = {}
    for name, theirs, ours in faces:
        if ours is None or "class" in (theirs, ours):
            continue
        known = {one["name"] for one in ours}
        lacks = {one["name"] for one in theirs if one["name"][0] != "_"} - known
        if lacks:
            lacking[name] = lacks
    assert lacking == WITHOUT


def test_arguments_without_a_name_mean_the_same(faces: list[tuple[str, Any, Any]]) -> None:
    other = set()
    for name, theirs, ours in faces:
        if ours is None or "class" in (theirs, ours):
            continue
        order = [one["name"] for one in ours if one["positional"]]
        wanted = [one["name"] for one in theirs if one["positional"]]
        wanted = [one for one in wanted if one not in WITHOUT.get(name, ())]
        if order[: len(wanted)] != wanted:
            other.add(name)
    assert other == OTHERWISE


def test_every_default_is_the_same_or_on_the_list(faces: list[tuple[str, Any, Any]]) -> None:
    other = set()
    for name, theirs, ours in faces:
        if ours is None or "class" in (theirs, ours) or name in REQUIRED:
            continue
        known = {one["name"]: one["default"] for one in ours}
        other |= {
            f"{name}.{one['name']}"
            for one in theirs
            if known.get(one["name"], one["default"]) != one["default"]
        }
    assert other == DEFAULTS


def test_what_mlflow_lets_one_leave_out_may_be_left_out(
    faces: list[tuple[str, Any, Any]],
) -> None:
    stricter = set()
    for name, theirs, ours in faces:
        if ours is None or "class" in (theirs, ours):
            continue
        needed = {one["name"] for one in ours if one["default"] is None}
        if needed & {one["name"] for one in theirs if one["default"] is not None}:
            stricter.add(name)
    assert stricter == REQUIRED


def test_the_list_is_in_the_docs() -> None:
    page = (PROJECT / "docs" / "moving-from-mlflow.md").read_text()
    names = {name.rpartition(".")[2] for name in {*MISSING, *DEFAULTS}}
    names |= {argument for arguments in WITHOUT.values() for argument in arguments}
    assert {name for name in names if f"`{name}`" not in page} == set()
