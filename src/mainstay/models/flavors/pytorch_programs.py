"""What a program of ``torch.export`` (``.pt2``) would do, read without torch.

The file is a zip of arrays and of one JSON document: a list of operators with their arguments.
Torch's reader takes more from it than numbers: it evaluates the expressions of sizes and guards as
Python, writes the names into a function that it compiles, imports modules that the description of
the inputs names, and unpickles what says that it is a pickle. So every member, field and text is
held against what a program of plain operators has (the grammar of ``torch._export.serde.schema``,
version 8); whatever else is there is asked for.
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mainstay.errors import InvalidModel
from mainstay.models import archives, pickles
from mainstay.models.flavors import pytorch_grammar as grammar

PLAIN_TENSORS = frozenset(
    [
        "collections.OrderedDict",
        "torch._utils._rebuild_tensor_v2",
        *(
            f"torch.{name}Storage"
            for name in ("Bool", "Byte", "Double", "Float", "Half", "Int", "Long")
        ),
    ]
)
"""What a pickle of tensors names: numbers with their shapes."""

_MEMBERS = re.compile(
    r"[^/]+/(archive_format|archive_version|byteorder|version|\.data/\w+|models/model\.json"
    r"|data/sample_inputs/model\.pt|data/weights/(weight_\d+|model_weights_config\.json)"
    r"|data/constants/(tensor_\d+|model_constants_config\.json))"
)
_SAMPLES = re.compile(r"[^/]+/(data\.pkl|byteorder|version|\.\w+|\.data/\w+|data/\d+)")
_MOST_SAMPLES = 64 << 20
_METADATA = frozenset({"stack_trace", "nn_module_stack", "torch_fn"})
_TABLES = frozenset(
    {"range_constraints", "sym_bool_values", "sym_float_values", "sym_int_values", "tensor_values"}
)
_EMPTY = frozenset({"custom_obj_values", "guards_code", "treespec_namedtuple_fields"})
_FIELDS = (
    "arg as_bool as_bools as_device as_expr as_float as_floats as_int as_int_lists as_ints "
    "as_layout as_memory_format as_none as_optional_tensor as_optional_tensors as_scalar_type "
    "as_string as_sym_bool as_sym_bools as_sym_float as_sym_floats as_sym_int as_sym_ints "
    "as_tensor as_tensors aten buffer buffer_mutation constant_input device dtype graph "
    "graph_module hint index input_specs inputs is_hop_single_tensor_return is_param "
    "is_single_tensor_return kind layout major max_val metadata min_val minor "
    "module_call_graph nodes opset_version output_specs outputs parameter persistent "
    "requires_grad schema_version signature sizes storage_offset strides tensor_constant "
    "tensor_meta use_pickle user_input user_output value"
)
_KNOWN = frozenset(_FIELDS.split()) | _TABLES | _EMPTY | frozenset(grammar.TEXTS)


def unvouched(path: Path) -> list[str]:
    """Return what the program asks for beyond arithmetic on its inputs, by name.

    Reads the file and runs nothing of it. Raises: InvalidModel if it cannot be read.
    """
    members = {member.filename: member.file_size for member in archives.check(path)}
    odd = [name for name in members if _MEMBERS.fullmatch(name) is None]
    roots = {name.partition("/")[0] for name in members}
    if odd or len(roots) != 1:
        return [f"{name} (in {path.name})" for name in sorted(odd) or sorted(roots)]
    (root,) = roots
    found: set[str] = set()
    _walk("", _json(path, f"{root}/models/model.json"), found)
    for kind in ("weights", "constants"):
        form = _json(path, f"{root}/data/{kind}/model_{kind}_config.json")
        payloads = form.get("config") if isinstance(form, dict) and len(form) == 1 else None
        if not isinstance(payloads, dict):
            raise InvalidModel(f"{path.name} does not say which {kind} it holds")
        _names(payloads, grammar.is_path, kind, found)
        for payload in payloads.values():
            _walk("payload", payload, found)
            found.update(_of_nothing(payload, f"{root}/data/{kind}/", members))
    found.update(_samples(path, f"{root}/data/sample_inputs/model.pt"))
    return sorted(found)


def _json(path: Path, member: str) -> Any:
    try:
        return json.loads(archives.read(path, member, 256 << 20))
    except (ValueError, RecursionError) as error:
        raise InvalidModel(f"{member} in {path.name} is not JSON: {error}") from error


def _of_nothing(payload: Any, place: str, members: Mapping[str, int]) -> list[str]:
    """Refuse an array that is large and has no bytes: torch would fill it with zeros."""
    path = payload.get("path_name") if isinstance(payload, dict) else None
    if members.get(f"{place}{path}") != 0:
        return []
    try:
        lengths = [side["as_int"] for side in payload["tensor_meta"]["sizes"]]
        return ["an array without bytes"] if math.prod(lengths) else []
    except (KeyError, TypeError):
        return ["an array without bytes"]


def _walk(key: str, form: Any, found: set[str]) -> None:
    """Add what is not known to be harmless; iterates, since files may nest as deep as they like."""
    waiting: list[tuple[str, Any]] = [(key, form)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, str):
            if not grammar.fits(key, value):
                found.add(_title(key, value))
        elif isinstance(value, list):
            if key == "guards_code" and value:
                found.add("a guard in Python")
            waiting.extend((key, item) for item in value)
        elif isinstance(value, Mapping):
            waiting.extend(_inside(key, value, found))
        elif key == "use_pickle" and value is not False:
            found.add("a pickle in place of an array")


def _inside(key: str, value: Mapping[str, Any], found: set[str]) -> list[tuple[str, Any]]:
    """Return the fields of one record that are to be looked at."""
    if key in _EMPTY:
        found.update(f"{key}: {name}" for name in value)
        return []
    if key == "metadata":
        odd = [k for k, v in value.items() if k not in _METADATA or not isinstance(v, str)]
        found.update(f"metadata: {name}" for name in odd)
        return []
    if key in _TABLES:
        _names(value, grammar.is_name, key, found)
        return [("entry", item) for item in value.values()]
    unknown = [name for name in value if name not in _KNOWN]
    found.update(f"an unknown field: {name[:80]}" for name in unknown)
    return [(name, item) for name, item in value.items() if name not in unknown]


def _names(
    table: Mapping[str, Any], fits: Callable[[str], bool], where: str, found: set[str]
) -> None:
    found.update(f"a name in {where}: {name[:80]!r}" for name in table if not fits(name))


def _title(key: str, value: str) -> str:
    return f"the operator {value[:80]}" if key == "target" else f"{key or 'a text'}: {value[:80]!r}"


def _samples(path: Path, member: str) -> set[str]:
    """Return what the pickled sample inputs import: torch may read them without restraint."""
    content = archives.read(path, member, _MOST_SAMPLES)
    if not content:
        return set()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            odd = {f"{name} (sample inputs)" for name in names if not _SAMPLES.fullmatch(name)}
            inner = [name for name in names if name.endswith("/data.pkl")]
            if odd or len(inner) != 1 or len(set(names)) != len(names):
                return odd or {"sample inputs of another form"}
            if archive.getinfo(inner[0]).file_size > _MOST_SAMPLES:
                return {"sample inputs of another size"}
            pickled = archive.read(inner[0])
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError):
        return {"sample inputs of another form"}
    imported = set(pickles.names_in(pickled, member))
    return {f"{name} (pickle)" for name in imported - PLAIN_TENSORS}
