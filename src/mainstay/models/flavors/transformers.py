"""Hugging Face transformers: pipelines with their tokenizer, weights as safetensors.

Nothing is fetched from a hub when a model loads, and no code of a repository runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import torch
import transformers

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors import transformers_answers as answers
from mainstay.models.flavors import transformers_files as files
from mainstay.models.flavors.arguments import check_options
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel

_OPTIONS = ("task", "processor", "model_config", "torch_dtype", "prompt_template")
_NOT_OURS = ("include_prompt", "collapse_whitespace")
"""Settings that MLflow reads itself; the pipelines know none of them."""

_ERRORS = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError)


class TransformersFlavor:
    """``transformers.Pipeline``, or a dictionary of its parts with ``task``."""

    name = "transformers"

    def owns(self, model: object) -> bool:
        """Tell whether it is a pipeline."""
        return any(
            base.__name__ == "Pipeline" and base.__module__.startswith("transformers.pipelines")
            for base in type(model).__mro__
        )

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``model/`` and ``components/``.

        ``options``: ``task`` (for a dictionary of parts), ``processor``, ``model_config``
        (parameters of every call), ``torch_dtype``, ``prompt_template`` (with ``{prompt}``).
        Raises: BadInput.
        """
        check_options(self.name, options, _OPTIONS)
        template = options.get("prompt_template")
        if template is not None and "{prompt}" not in str(template):
            raise BadInput("prompt_template needs {prompt}, where the input goes")
        pipe = self._pipeline(model, options.get("task"))
        kind = type(pipe.model).__name__
        if getattr(transformers, kind, None) is not type(pipe.model):
            raise BadInput(f"{kind} is no class of transformers; use mainstay.pytorch for it")
        pipe.model.save_pretrained(folder / files.MODEL)
        fields = self._fields(pipe, options)
        for name, part in _parts(pipe, options.get("processor")).items():
            part.save_pretrained(folder / files.COMPONENTS / name)
            fields[f"{name}_type"] = type(part).__name__
            if name != "processor":
                fields["components"].append(name)
        config = dict(options.get("model_config") or {})
        if template is not None and pipe.task == "text-generation":
            config.setdefault("return_full_text", False)
        return Saved(
            name=self.name,
            fields=fields,
            loader_module="mlflow.transformers",
            pyfunc={"config": config} if config else {},
            metadata={"prompt_template": template} if template is not None else {},
            modules=_modules(pipe),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return the files and settings that are not data."""
        _class_of(model, "pipeline_model_type", transformers.PreTrainedModel)
        parts = files.part_folders(folder, model)
        return files.asks([files.model_folder(folder, model), *parts.values()])

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the pipeline; on the CPU unless the configuration says ``device``."""
        fields = model.flavors.get(self.name, {})
        settings = dict(config)
        device = settings.pop("device", None)
        local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        place = files.model_folder(folder, model)
        kind = _class_of(model, "pipeline_model_type", transformers.PreTrainedModel)
        try:
            loaded = kind.from_pretrained(place, **local, **_dtype(fields)).eval()
            parts = {
                name: _part(model, name).from_pretrained(where, **local)
                for name, where in files.part_folders(folder, model).items()
            }
            processor = parts.pop("processor", None)
            if processor is not None:
                parts["processor"] = processor
            pipe = transformers.pipeline(
                str(fields.get("task")), model=loaded, device=device, **parts
            )
        except (*_ERRORS, safetensors.SafetensorError) as error:
            first = str(error).strip().partition("\n")[0]
            raise InvalidModel(f"the transformers model cannot be loaded: {first}") from error
        pipe.__dict__["_mainstay_config"] = settings
        return pipe

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return the pipeline's call; parameters go to the pipeline, over the configuration."""
        config = loaded.__dict__.get("_mainstay_config")
        settings = dict(model.pyfunc.get("config") or {}) if config is None else config
        kept = {name: value for name, value in settings.items() if name not in _NOT_OURS}
        task, template = loaded.task, (model.metadata or {}).get("prompt_template")
        shape = answers.answered(task)

        def predict(data: Any, params: dict[str, Any]) -> Any:
            given = {**kept, **params}
            if task == "zero-shot-classification":
                row = answers.zero_shot(data)
                return shape(loaded(row.pop("sequences"), **{**given, **row}))
            return shape(loaded(answers.asked(data, task, template), **given))

        return predict

    def _pipeline(self, model: Any, task: str | None) -> Any:
        if self.owns(model):
            return model
        if not isinstance(model, Mapping) or "model" not in model:
            raise BadInput(
                f"a {type(model).__name__} is no transformers pipeline; give one, or a dictionary "
                "with 'model', 'tokenizer' and so on, and task="
            )
        if unknown := sorted(set(model) - {"model", *files.PARTS}):
            raise BadInput(f"unknown parts: {', '.join(unknown)}; known: model, {files.PARTS}")
        if task is None:
            raise BadInput("say what the pipeline is for: task='text-classification', say")
        try:
            return transformers.pipeline(task, **model)
        except _ERRORS as error:
            raise BadInput(f"the parts do not make a pipeline for {task!r}: {error}") from error

    def _fields(self, pipe: Any, options: Mapping[str, Any]) -> dict[str, Any]:
        dtype = options.get("torch_dtype") or getattr(pipe.model, "dtype", None)
        return {
            "components": [],
            "instance_type": type(pipe).__name__,
            "model_binary": files.MODEL,
            "pipeline_model_type": type(pipe.model).__name__,
            "source_model_name": str(getattr(pipe.model, "name_or_path", "") or ""),
            "task": pipe.task,
            "torch_dtype": None if dtype is None else str(dtype),
            "transformers_version": transformers.__version__,
            "code": None,
        }


def _parts(pipe: Any, processor: Any) -> dict[str, Any]:
    found = {name: getattr(pipe, name, None) for name in files.PARTS}
    if processor is not None:
        found["processor"] = processor
    return {name: part for name, part in found.items() if part is not None}


def _modules(pipe: Any) -> tuple[str, ...]:
    tables = pipe.task in answers.IMAGES
    return ("transformers", "torch", "safetensors", "numpy", *(["PIL"] if tables else []))


def _class_of(model: MLmodel, field: str, base: type) -> Any:
    """Return the class that MLmodel names, one of transformers' own. Raises: InvalidModel."""
    name = model.flavors.get("transformers", {}).get(field)
    found = getattr(transformers, str(name), None) if str(name).isidentifier() else None
    if not (isinstance(found, type) and issubclass(found, base)):
        raise InvalidModel(f"MLmodel names the class {name!r}, which is none of transformers' own")
    return found


def _part(model: MLmodel, name: str) -> Any:
    """Return the class of tokenizer or processor."""
    bases: dict[str, Any] = {
        "tokenizer": transformers.PreTrainedTokenizerBase,
        "feature_extractor": transformers.FeatureExtractionMixin,
        "image_processor": transformers.ImageProcessingMixin,
        "processor": transformers.ProcessorMixin,
    }
    return _class_of(model, f"{name}_type", bases[name])


def _dtype(fields: Mapping[str, Any]) -> dict[str, Any]:
    name = str(fields.get("torch_dtype") or "")
    found = getattr(torch, name.removeprefix("torch."), None) if name else None
    return {"dtype": found} if isinstance(found, torch.dtype) else {}


FLAVOR = TransformersFlavor()
