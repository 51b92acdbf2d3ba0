"""Read a gate's policy: YAML in, frozen records out, errors with line and field.

description: What a champion must be.
checks:
  - kind: threshold
    metric: roc_auc
    minimum: 0.85
  - kind: better_than_champion
    metric: roc_auc
  - kind: latency
    p99: 0.05
waivers:
  - check: latency
    who: ada
    why: the new hardware arrives on Monday
    expires: 2030-01-31
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

import msgspec

from mainstay.entities.digests import text_digest
from mainstay.errors import BadInput
from mainstay.promotion.checks import CHECKS, Check

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 65_536
MAX_DEPTH = 20
UNWAIVABLE = ("approval", "digest")


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A check that may be passed over: which, on whose word, why, and until when (UTC)."""

    check: str
    who: str
    why: str
    expires: datetime.date

    def __post_init__(self) -> None:
        if not self.who.strip() or not self.why.strip():
            raise ValueError("who and why must say something")

    @property
    def until(self) -> int:
        """The first moment at which it no longer holds, in ms: the end of its day."""
        day = datetime.datetime.combine(self.expires, datetime.time(), datetime.UTC)
        return int((day + datetime.timedelta(days=1)).timestamp() * 1000)


class GatePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as the gate uses it; ``digest`` is that of its text.

    ``require_digest``: a version whose files are not hashed yet may not pass. ``measured_by``: only
    evidence that these users recorded counts; empty: anybody's.
    """

    checks: tuple[Check, ...]
    waivers: tuple[Waiver, ...] = ()
    description: str = ""
    require_digest: bool = True
    measured_by: tuple[str, ...] = ()
    digest: str = ""


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The outer form of the file; each check is read by its own kind."""

    checks: list[dict[str, Any]]
    waivers: list[Waiver] = []
    description: str = ""
    require_digest: bool = True
    measured_by: list[str] = []


def digest(text: str) -> str:
    """Return the digest that verdicts and approvals bind to: SHA-256 of the text."""
    return text_digest(text)


def parse(text: str) -> GatePolicy:
    """Read a policy.

    Raises:
        BadInput: naming line and field, and what is allowed there.
    """
    value, lines = _load(text)
    document = _convert(value, _Document, lines, ())
    if not document.checks:
        raise BadInput(f"line {lines[('checks',)]}: checks is empty; a gate needs at least one")
    checks = tuple(
        _check(item, lines, ("checks", place)) for place, item in enumerate(document.checks)
    )
    _distinct(checks, lines)
    _waivable(document.waivers, checks, lines)
    return GatePolicy(
        checks=checks,
        waivers=tuple(document.waivers),
        description=document.description,
        require_digest=document.require_digest,
        measured_by=tuple(document.measured_by),
        digest=digest(text),
    )


Path = tuple[str | int, ...]


def _load(text: str) -> tuple[Any, dict[Path, int]]:
    """Return the YAML value and the line of every part of it."""
    import yaml  # here and below: a server that starts has nothing to parse

    if len(text.encode()) > MAX_BYTES:
        raise BadInput(f"the policy is longer than {MAX_BYTES} bytes")
    try:
        _refuse_tricks(text)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            raise BadInput("the policy is empty; it needs `checks:` with at least one check")
        lines: dict[Path, int] = {}
        _note(node, (), lines)
        return loader.construct_document(node), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise BadInput(f"{where}not YAML: {getattr(error, 'problem', None) or error}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the policy cannot be read: {error}") from error


def _refuse_tricks(text: str) -> None:
    """Refuse what makes a short text long work. Raises: BadInput, YAMLError."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise BadInput(f"line {line}: YAML aliases (*name) are not allowed in a policy")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise BadInput(
                f"line {line}: the policy cannot be read: more than {MAX_DEPTH} levels of nesting"
            )


def _note(node: yaml.Node, path: Path, lines: dict[Path, int]) -> None:
    import yaml

    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            _note(item, (*path, place), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, item in node.value:
            inner = (*path, str(key.value))
            if inner in lines:
                line = key.start_mark.line + 1
                raise BadInput(f"line {line}: {key.value!r} is given twice")
            _note(item, inner, lines)
            lines[inner] = key.start_mark.line + 1


def _check(item: dict[str, Any], lines: dict[Path, int], path: Path) -> Check:
    kinds = ", ".join(CHECKS.names())
    kind = item.get("kind")
    if not isinstance(kind, str) or kind not in CHECKS.names():
        line = lines.get((*path, "kind"), lines[path])
        said = "has no kind" if kind is None else f"kind {kind!r} is unknown"
        raise BadInput(f"line {line}: the check {said}; allowed: {kinds}")
    parameters = {key: value for key, value in item.items() if key != "kind"}
    check: Check = _convert(parameters, CHECKS.get(kind), lines, path)
    return check


def _convert(value: Any, kind: type[Any], lines: dict[Path, int], path: Path) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, at = str(error).partition(" - at `$")
        inner = (*path, *_steps(at.rstrip("`")))
        unknown = re.search(r"unknown field `([^`]*)`", message)
        if unknown:
            inner = (*inner, unknown.group(1))
        line = next(lines[inner[:n]] for n in range(len(inner), -1, -1) if inner[:n] in lines)
        where = ".".join(str(step) for step in inner)
        raise BadInput(f"line {line}, {where or 'policy'}: {message}{_allowed(kind)}") from error


def _steps(at: str) -> Path:
    """Read msgspec's path, such as ``.waivers[0].expires``."""
    found = re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", at)
    return tuple(name or int(place) for name, place in found)


def _allowed(kind: type[Any]) -> str:
    fields = ", ".join(getattr(kind, "__struct_fields__", ()))
    return f"; allowed: {fields}" if fields else ""


def _distinct(checks: tuple[Check, ...], lines: dict[Path, int]) -> None:
    seen: set[str] = set()
    for place, check in enumerate(checks):
        if check.label in seen:
            line = lines[("checks", place)]
            raise BadInput(f"line {line}: two checks are called {check.label!r}; give one a name")
        seen.add(check.label)


def _waivable(waivers: list[Waiver], checks: tuple[Check, ...], lines: dict[Path, int]) -> None:
    kinds = {check.label: check.kind for check in checks}
    for place, waiver in enumerate(waivers):
        line = lines[("waivers", place)]
        if waiver.check not in kinds:
            known = ", ".join(kinds)
            raise BadInput(f"line {line}: no check is called {waiver.check!r}; there are: {known}")
        if kinds[waiver.check] in UNWAIVABLE:
            raise BadInput(f"line {line}: a check of kind {kinds[waiver.check]} cannot be waived")
