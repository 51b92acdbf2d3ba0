"""The public face, for editors and type checkers; `__init__.py` finds each name lazily."""

from mainstay import artifacts as artifacts
from mainstay import catboost as catboost
from mainstay import data as data
from mainstay import keras as keras
from mainstay import lightgbm as lightgbm
from mainstay import models as models
from mainstay import onnx as onnx
from mainstay import projects as projects
from mainstay import prophet as prophet
from mainstay import pyfunc as pyfunc
from mainstay import pyspark as pyspark
from mainstay import pytorch as pytorch
from mainstay import sklearn as sklearn
from mainstay import spark as spark
from mainstay import statsmodels as statsmodels
from mainstay import system_metrics as system_metrics
from mainstay import tensorflow as tensorflow
from mainstay import transformers as transformers
from mainstay import xgboost as xgboost
from mainstay.autolog.framework import autolog as autolog
from mainstay.cli.doctor import report as doctor
from mainstay.client import Client as Client
from mainstay.client import Client as MlflowClient
from mainstay.client.images import Image as Image
from mainstay.errors import MainstayError as MainstayError
from mainstay.errors import MainstayError as MlflowException
from mainstay.evaluation.face import evaluate as evaluate
from mainstay.evaluation.thresholds import (
    validate_evaluation_results as validate_evaluation_results,
)
from mainstay.fluent.active import ActiveRun as ActiveRun
from mainstay.fluent.active import active_run as active_run
from mainstay.fluent.active import end_run as end_run
from mainstay.fluent.active import last_active_run as last_active_run
from mainstay.fluent.active import start_run as start_run
from mainstay.fluent.active_model import ActiveModel as ActiveModel
from mainstay.fluent.active_model import clear_active_model as clear_active_model
from mainstay.fluent.active_model import create_external_model as create_external_model
from mainstay.fluent.active_model import get_active_model_id as get_active_model_id
from mainstay.fluent.active_model import set_active_model as set_active_model
from mainstay.fluent.artifacts import get_artifact_uri as get_artifact_uri
from mainstay.fluent.artifacts import load_table as load_table
from mainstay.fluent.artifacts import log_artifact as log_artifact
from mainstay.fluent.artifacts import log_artifacts as log_artifacts
from mainstay.fluent.artifacts import log_dict as log_dict
from mainstay.fluent.artifacts import log_figure as log_figure
from mainstay.fluent.artifacts import log_image as log_image
from mainstay.fluent.artifacts import log_stream as log_stream
from mainstay.fluent.artifacts import log_table as log_table
from mainstay.fluent.artifacts import log_text as log_text
from mainstay.fluent.experiments import create_experiment as create_experiment
from mainstay.fluent.experiments import delete_experiment as delete_experiment
from mainstay.fluent.experiments import delete_experiment_tag as delete_experiment_tag
from mainstay.fluent.experiments import get_experiment as get_experiment
from mainstay.fluent.experiments import get_experiment_by_name as get_experiment_by_name
from mainstay.fluent.experiments import get_registry_uri as get_registry_uri
from mainstay.fluent.experiments import get_tracking_uri as get_tracking_uri
from mainstay.fluent.experiments import is_tracking_uri_set as is_tracking_uri_set
from mainstay.fluent.experiments import restore_experiment as restore_experiment
from mainstay.fluent.experiments import search_experiments as search_experiments
from mainstay.fluent.experiments import set_experiment as set_experiment
from mainstay.fluent.experiments import set_experiment_tag as set_experiment_tag
from mainstay.fluent.experiments import set_experiment_tags as set_experiment_tags
from mainstay.fluent.experiments import set_registry_uri as set_registry_uri
from mainstay.fluent.experiments import set_tracking_uri as set_tracking_uri
from mainstay.fluent.inputs import log_input as log_input
from mainstay.fluent.inputs import log_inputs as log_inputs
from mainstay.fluent.inputs import log_outputs as log_outputs
from mainstay.fluent.lifecycle import sync as sync
from mainstay.fluent.logging import delete_tag as delete_tag
from mainstay.fluent.logging import flush as flush
from mainstay.fluent.logging import flush as flush_artifact_async_logging
from mainstay.fluent.logging import flush as flush_async_logging
from mainstay.fluent.logging import log_metric as log_metric
from mainstay.fluent.logging import log_metrics as log_metrics
from mainstay.fluent.logging import log_param as log_param
from mainstay.fluent.logging import log_params as log_params
from mainstay.fluent.logging import set_tag as set_tag
from mainstay.fluent.logging import set_tags as set_tags
from mainstay.fluent.models import delete_logged_model_tag as delete_logged_model_tag
from mainstay.fluent.models import finalize_logged_model as finalize_logged_model
from mainstay.fluent.models import get_logged_model as get_logged_model
from mainstay.fluent.models import initialize_logged_model as initialize_logged_model
from mainstay.fluent.models import last_logged_model as last_logged_model
from mainstay.fluent.models import log_model_params as log_model_params
from mainstay.fluent.models import search_logged_models as search_logged_models
from mainstay.fluent.models import set_logged_model_tags as set_logged_model_tags
from mainstay.fluent.registry import register_model as register_model
from mainstay.fluent.registry import search_model_versions as search_model_versions
from mainstay.fluent.registry import search_registered_models as search_registered_models
from mainstay.fluent.registry import set_model_version_tag as set_model_version_tag
from mainstay.fluent.search import delete_run as delete_run
from mainstay.fluent.search import get_parent_run as get_parent_run
from mainstay.fluent.search import get_run as get_run
from mainstay.fluent.search import restore_run as restore_run
from mainstay.fluent.search import search_runs as search_runs
from mainstay.fluent.system import disable_system_metrics_logging as disable_system_metrics_logging
from mainstay.fluent.system import enable_system_metrics_logging as enable_system_metrics_logging
from mainstay.fluent.system import set_system_metrics_node_id as set_system_metrics_node_id
from mainstay.fluent.system import (
    set_system_metrics_samples_before_logging as set_system_metrics_samples_before_logging,
)
from mainstay.fluent.system import (
    set_system_metrics_sampling_interval as set_system_metrics_sampling_interval,
)
from mainstay.projects.launch import run as run

__version__: str

__all__ = [
    "ActiveModel",
    "ActiveRun",
    "Client",
    "Image",
    "MainstayError",
    "MlflowClient",
    "MlflowException",
    "__version__",
    "active_run",
    "artifacts",
    "autolog",
    "catboost",
    "clear_active_model",
    "create_experiment",
    "create_external_model",
    "data",
    "delete_experiment",
    "delete_experiment_tag",
    "delete_logged_model_tag",
    "delete_run",
    "delete_tag",
    "disable_system_metrics_logging",
    "doctor",
    "enable_system_metrics_logging",
    "end_run",
    "evaluate",
    "finalize_logged_model",
    "flush",
    "flush_artifact_async_logging",
    "flush_async_logging",
    "get_active_model_id",
    "get_artifact_uri",
    "get_experiment",
    "get_experiment_by_name",
    "get_logged_model",
    "get_parent_run",
    "get_registry_uri",
    "get_run",
    "get_tracking_uri",
    "initialize_logged_model",
    "is_tracking_uri_set",
    "keras",
    "last_active_run",
    "last_logged_model",
    "lightgbm",
    "load_table",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_input",
    "log_inputs",
    "log_metric",
    "log_metrics",
    "log_model_params",
    "log_outputs",
    "log_param",
    "log_params",
    "log_stream",
    "log_table",
    "log_text",
    "models",
    "onnx",
    "projects",
    "prophet",
    "pyfunc",
    "pyspark",
    "pytorch",
    "register_model",
    "restore_experiment",
    "restore_run",
    "run",
    "search_experiments",
    "search_logged_models",
    "search_model_versions",
    "search_registered_models",
    "search_runs",
    "set_active_model",
    "set_experiment",
    "set_experiment_tag",
    "set_experiment_tags",
    "set_logged_model_tags",
    "set_model_version_tag",
    "set_registry_uri",
    "set_system_metrics_node_id",
    "set_system_metrics_samples_before_logging",
    "set_system_metrics_sampling_interval",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "sklearn",
    "spark",
    "start_run",
    "statsmodels",
    "sync",
    "system_metrics",
    "tensorflow",
    "transformers",
    "validate_evaluation_results",
    "xgboost",
]
