"""Write the names of a package's public face, with their arguments, as JSON.

``python face.py PACKAGE``; runs in the environment of either package.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from typing import Any

FACE = {
    "": """
        start_run end_run active_run last_active_run get_run get_parent_run delete_run restore_run
        log_metric log_metrics log_param log_params set_tag set_tags delete_tag log_artifact
        log_artifacts log_text log_dict log_figure log_image log_stream log_table load_table
        log_input log_inputs log_outputs search_runs create_experiment set_experiment
        get_experiment delete_experiment restore_experiment get_experiment_by_name
        search_experiments set_experiment_tag set_experiment_tags delete_experiment_tag
        register_model set_model_version_tag search_registered_models search_model_versions
        create_external_model initialize_logged_model finalize_logged_model get_logged_model
        search_logged_models last_logged_model set_logged_model_tags delete_logged_model_tag
        log_model_params set_active_model get_active_model_id clear_active_model ActiveModel
        evaluate validate_evaluation_results run doctor login set_tracking_uri get_tracking_uri
        is_tracking_uri_set set_registry_uri get_registry_uri get_artifact_uri
        enable_system_metrics_logging disable_system_metrics_logging
        set_system_metrics_sampling_interval set_system_metrics_samples_before_logging
        set_system_metrics_node_id flush_async_logging flush_artifact_async_logging
        import_checkpoints ActiveRun Image MlflowClient MlflowException
    """,
    "MlflowClient": """
        create_run log_batch set_terminated update_run rename_experiment get_metric_history
        list_artifacts download_artifacts log_inputs log_outputs create_registered_model
        get_registered_model update_registered_model rename_registered_model
        delete_registered_model set_registered_model_tag delete_registered_model_tag
        set_registered_model_alias delete_registered_model_alias create_model_version
        get_model_version update_model_version delete_model_version get_model_version_by_alias
        get_model_version_download_uri get_model_version_stages transition_model_version_stage
        get_latest_versions copy_model_version set_model_version_tag delete_model_version_tag
        create_logged_model finalize_logged_model log_model_artifact log_model_artifacts
        list_logged_model_artifacts get_run get_parent_run delete_run restore_run log_metric
        log_param set_tag delete_tag log_artifact log_artifacts log_text log_dict log_figure
        log_image log_stream log_table load_table search_runs create_experiment get_experiment
        get_experiment_by_name search_experiments delete_experiment restore_experiment
        set_experiment_tag delete_experiment_tag search_registered_models search_model_versions
        get_logged_model search_logged_models delete_logged_model set_logged_model_tags
        delete_logged_model_tag log_model_params create_webhook get_webhook list_webhooks
        update_webhook delete_webhook test_webhook
    """,
    "data": """
        from_pandas from_numpy from_spark load_delta from_huggingface from_tensorflow from_polars
        get_source
    """,
    "models": """
        Model ModelSignature ModelConfig infer_signature set_signature validate_schema
        get_model_info set_model evaluate EvaluationResult EvaluationMetric EvaluationArtifact
        MetricThreshold make_metric list_evaluators validate_serving_input
        convert_input_example_to_serving_input predict build_docker infer_pip_requirements
        update_model_requirements add_libraries_to_model FlavorBackend Resource
    """,
    "pyfunc": """
        PythonModel PythonModelContext PyFuncModel load_model log_model save_model spark_udf
        get_model_dependencies add_to_model build_model_env get_default_pip_requirements
        get_default_conda_env
    """,
    "sklearn": """
        autolog log_model save_model load_model get_default_pip_requirements
        get_default_conda_env
    """,
    "types": """
        Schema ColSpec TensorSpec ParamSchema ParamSpec DataType Array Object Property Map AnyType
    """,
    "projects": "run SubmittedRun",
    "deployments": "get_deploy_client run_local BaseDeploymentClient",
    "artifacts": "download_artifacts list_artifacts load_text load_dict load_image",
    "system_metrics": """
        enable_system_metrics_logging disable_system_metrics_logging
        set_system_metrics_sampling_interval set_system_metrics_samples_before_logging
        set_system_metrics_node_id
    """,
}


def main(package: str) -> None:
    """Print what the package has of each name: its arguments and their defaults, or null."""
    found: dict[str, Any] = {}
    for part, names in FACE.items():
        place = importlib.import_module(package)
        if part:
            place = getattr(place, part, None) or _module(f"{package}.{part}")
        for name in names.split():
            found[f"{part}.{name}" if part else name] = described(getattr(place, name, None))
    print(json.dumps(found))


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


def described(value: Any) -> Any:
    """Return the arguments of a call; "class" for a class, null for what is missing."""
    if value is None:
        return None
    if inspect.isclass(value):
        return "class"
    return [
        {
            "name": one.name,
            "positional": one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD),
            "default": None if one.default is one.empty else repr(one.default),
        }
        for one in inspect.signature(value).parameters.values()
        if one.name != "self" and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
    ]


if __name__ == "__main__":
    main(sys.argv[1])
