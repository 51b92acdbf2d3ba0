"""What lies in the folder of a transformers model, and what of it would run.

Data are JSON, text, tokenizer tables and safetensors. Pickled weights, Python files and settings
that name code elsewhere (``auto_map``, kernels of a hub, adapters) need trust.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mainstay.errors import InvalidModel
from mainstay.packaging.mlmodel import MLmodel, inside

MODEL = "model"
COMPONENTS = "components"
PARTS = ("tokenizer", "feature_extractor", "image_processor", "processor")
"""The parts of a pipeline beside its model, in MLflow's names."""

_DATA = frozenset(
    [
        ".json",
        ".txt",
        ".md",
        ".safetensors",
        ".model",
        ".jinja",
        ".vocab",
        ".merges",
        ".bpe",
        ".codes",
        ".tiktoken",
        ".spm",
    ]
)
_CODE_KEYS = frozenset({"auto_map", "custom_pipelines", "custom_generate"})
_KERNEL_KEYS = ("implementation", "kernel", "kernels")
_MAX_JSON = 256 << 20


def model_folder(folder: Path, model: MLmodel) -> Path:
    """Return the folder of weights. Raises: InvalidModel where they were not saved with it."""
    name = model.flavors.get("transformers", {}).get("model_binary")
    if not isinstance(name, str):
        raise InvalidModel(
            "the weights were not saved with this transformers model (save_pretrained=False); "
            "log it again with them"
        )
    place = inside(folder, name)
    if not (place / "config.json").is_file():
        raise InvalidModel(f"the folder {name} holds no config.json")
    return place


def part_folders(folder: Path, model: MLmodel) -> dict[str, Path]:
    """Return the folders of tokenizer and processors by name. Raises: InvalidModel."""
    fields = model.flavors.get("transformers", {})
    listed = [str(name) for name in fields.get("components") or ()]
    if fields.get("processor_type") and "processor" not in listed:
        listed.append("processor")
    if unknown := sorted(set(listed) - set(PARTS)):
        raise InvalidModel(f"MLmodel lists parts that are unknown: {', '.join(unknown)}")
    return {name: inside(folder, f"{COMPONENTS}/{name}") for name in listed}


def asks(folders: list[Path]) -> tuple[str, ...]:
    """Return what of these folders is not data. Raises: InvalidModel on a damaged file."""
    found: dict[str, None] = {}
    for place in folders:
        for path in sorted(place.rglob("*")):
            if path.is_dir():
                continue
            name = f"{place.name}/{path.relative_to(place).as_posix()}"
            if path.suffix not in _DATA:
                found[f"the file {name}"] = None
            elif path.name == "adapter_config.json":
                found[f"an adapter ({name})"] = None
            elif path.suffix == ".json":
                for named in _named_code(_json(path)):
                    found[f"{named} ({name})"] = None
    return tuple(found)


def _named_code(form: Any) -> Iterator[str]:
    """Give the settings that name code outside of the library."""
    waiting = [form]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        if not isinstance(item, Mapping):
            continue
        for key, value in item.items():
            if (key in _CODE_KEYS and value) or (
                str(key).endswith(_KERNEL_KEYS) and _elsewhere(value)
            ):
                yield f"{key}={_short(value)}"
        waiting.extend(item.values())


def _elsewhere(value: Any) -> bool:
    """Tell whether it names a repository: built-in kernels have plain names."""
    texts = value.values() if isinstance(value, Mapping) else [value]
    return any(isinstance(text, str) and ("/" in text or ":" in text) for text in texts)


def _short(value: Any) -> str:
    return json.dumps(value)[:80]


def _json(path: Path) -> Any:
    if path.stat().st_size > _MAX_JSON:
        raise InvalidModel(f"{path.name} is larger than {_MAX_JSON >> 20} MiB")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidModel(f"{path.name} is not JSON: {error}") from error
