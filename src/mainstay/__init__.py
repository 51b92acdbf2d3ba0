"""mainstay takes a model from an experiment to production and back.

``import mainstay`` loads nothing but this table: each name below is found on its first use (PEP
562), so that the import costs milliseconds and heavy libraries load only where they are needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# A module of the public face, and the names that live there under the same name.
_NAMES: dict[str, str] = {
    name: module
    for module, names in {
        "client": "Client",
        "errors": "MainstayError",
        "fluent.active": "ActiveRun active_run end_run last_active_run start_run",
        "fluent.artifacts": "get_artifact_uri load_table log_artifact log_artifacts log_dict "
        "log_figure log_image log_stream log_table log_text",
        "fluent.experiments": "create_experiment delete_experiment delete_experiment_tag "
        "get_experiment get_experiment_by_name get_registry_uri get_tracking_uri "
        "is_tracking_uri_set restore_experiment search_experiments set_experiment "
        "set_experiment_tag set_experiment_tags set_registry_uri set_tracking_uri",
        "fluent.inputs": "log_input log_inputs log_outputs",
        "evaluation": "validate_evaluation_results",
        "evaluation.face": "evaluate",
        "fluent.lifecycle": "sync",
        "projects": "run",
        "fluent.logging": "delete_tag flush log_metric log_metrics log_param log_params set_tag "
        "set_tags",
        "fluent.models": "finalize_logged_model get_logged_model initialize_logged_model "
        "last_logged_model log_model_params search_logged_models set_logged_model_tags "
        "delete_logged_model_tag",
        "fluent.active_model": "ActiveModel clear_active_model create_external_model "
        "get_active_model_id set_active_model",
        "fluent.system": "disable_system_metrics_logging enable_system_metrics_logging "
        "set_system_metrics_node_id set_system_metrics_samples_before_logging "
        "set_system_metrics_sampling_interval",
        "client.images": "Image",
        "fluent.registry": "register_model search_model_versions search_registered_models "
        "set_model_version_tag",
        "fluent.search": "delete_run get_parent_run get_run restore_run search_runs",
    }.items()
    for name in names.split()
}

# Names that differ from what they are called at home.
_OTHERS: dict[str, tuple[str, str]] = {
    "MlflowClient": ("client", "Client"),
    "MlflowException": ("errors", "MainstayError"),
    "doctor": ("cli.doctor", "report"),
    "flush_artifact_async_logging": ("fluent.logging", "flush"),
    "flush_async_logging": ("fluent.logging", "flush"),
}

# Modules, so that `mainstay.sklearn.log_model(...)` works after `import mainstay`. The module
# `autolog` can be called itself: `mainstay.autolog()`.
_MODULES = frozenset(
    {
        *("artifacts", "autolog", "data", "models", "projects", "system_metrics"),
        *("catboost", "keras", "lightgbm", "onnx", "prophet", "pyfunc", "pyspark"),
        *("pytorch", "sklearn", "spark", "statsmodels", "tensorflow", "transformers", "xgboost"),
    }
)

__all__ = sorted([*_NAMES, *_OTHERS, *_MODULES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"mainstay.{name}")
    module, attribute = _OTHERS.get(name) or (_NAMES.get(name, ""), name)
    if not module:
        raise AttributeError(f"module 'mainstay' has no attribute {name!r}")
    value = getattr(import_module(f"mainstay.{module}"), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
