"""What the texts in a program of ``torch.export`` may be: each field has its form.

Torch puts names into Python code, evaluates expressions of sizes, and imports modules that a
structure names; see ``pytorch_programs``.
"""

from __future__ import annotations

import ast
import json
import keyword
import re
from collections.abc import Callable
from typing import Any

from mainstay.models.flavors.pytorch_operators import vouched

_LONGEST = 2000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATH = re.compile(r"[A-Za-z0-9_.]*")
_WORD = re.compile(r"[\w ,.>+\-]*")
_FUNCTIONS = (
    "Add And CeilDiv CeilToInt CleanDiv Eq Equality FloatTrueDiv FloorDiv FloorToInt Ge "
    "GreaterThan Gt Identity IntTrueDiv Integer Le LessThan Lt Max Min Mod ModularIndexing "
    "Mul Ne Not Or PythonMod Rational StrictGreaterThan StrictLessThan Symbol ToFloat "
    "TruncToInt Unequality Where"
)
_CALLS = frozenset(_FUNCTIONS.split())
_STRUCTURES = frozenset({"builtins.tuple", "builtins.list", "builtins.dict"})


def fits(key: str, text: str) -> bool:
    """Tell whether ``text`` is what torch itself writes into the field ``key``.

    >>> fits("name", "linear_1"), fits("name", "x): import os #"), fits("other", "")
    (True, False, False)
    """
    form = TEXTS.get(key)
    return form is not None and form(text)


def is_name(text: str) -> bool:
    """Torch writes these names into Python code."""
    if len(text) > _LONGEST or keyword.iskeyword(text) or text.startswith("__"):
        return False
    return _NAME.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Names of parameters: each part becomes an attribute of a new module."""
    parts = text.split(".")
    return _PATH.fullmatch(text) is not None and not any(part.startswith("__") for part in parts)


def is_expression(text: str) -> bool:
    """Sums and quotients of sizes, as sympy prints them; no powers, which could be without end."""
    if len(text) > _LONGEST:
        return False
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return _is_arithmetic(tree)


def _is_arithmetic(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int) and abs(node.value) < 1 << 63
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_arithmetic(node.operand)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    if node.func.id not in _CALLS:
        return False
    if node.func.id == "Symbol":
        return _is_symbol(node)
    return not node.keywords and all(_is_arithmetic(given) for given in node.args)


def _is_symbol(node: ast.Call) -> bool:
    named = [given.value for given in node.args if isinstance(given, ast.Constant)]
    if len(node.args) != 1 or len(named) != 1 or not isinstance(named[0], str):
        return False
    told = [given.value for given in node.keywords if isinstance(given.value, ast.Constant)]
    return (
        is_name(named[0])
        and len(told) == len(node.keywords)
        and all(isinstance(flag.value, bool) for flag in told)
        and all(given.arg is not None for given in node.keywords)
    )


def is_structure(text: str) -> bool:
    """The shape of inputs and outputs; a type outside of the list makes torch import modules."""
    try:
        protocol, root = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return False
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, dict) or set(item) != {"type", "context", "children_spec"}:
            return False
        kind, context, children = item["type"], item["context"], item["children_spec"]
        if kind is None:
            if context is not None or children:
                return False
        elif not isinstance(kind, str) or kind not in _STRUCTURES or not _is_context(context):
            return False
        if not isinstance(children, list):
            return False
        waiting.extend(children)
    return bool(protocol == 1)


def _is_context(text: Any) -> bool:
    try:
        keys = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return False
    return keys is None or (
        isinstance(keys, list) and all(isinstance(key, str) and is_name(key) for key in keys)
    )


def _of(form: str) -> Callable[[str], bool]:
    compiled = re.compile(form)
    return lambda text: compiled.fullmatch(text) is not None


_number = _of(r"-?Infinity|NaN|-?inf|nan")
TEXTS: dict[str, Callable[[str], bool]] = {
    "as_float": _number,
    "as_floats": _number,
    "as_name": is_name,
    "as_string": lambda text: len(text) <= _LONGEST and _WORD.fullmatch(text) is not None,
    "buffer_name": is_path,
    "expr_str": is_expression,
    "forward_arg_names": is_name,
    "fqn": is_path,
    "in_spec": is_structure,
    "name": is_name,
    "out_spec": is_structure,
    "parameter_name": is_path,
    "path_name": _of(r"(weight|tensor)_\d+"),
    "target": vouched,
    "tensor_constant_name": is_path,
    "torch_version": _of(r"[\w.+]+"),
    "type": _of(r"[a-z]+"),
    "verifiers": _of(r"[A-Z]+"),
}
