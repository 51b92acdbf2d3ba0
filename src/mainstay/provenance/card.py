"""A model card: a page of what is known of a version, with what people wrote beside it.

Editable parts are tags of the version (``mainstay.card.<part>``): they stay when the card is made
anew, and travel with a copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from mainstay.entities.provenance import Card, Section, Table
from mainstay.entities.release import Evidence
from mainstay.entities.runs import Run
from mainstay.provenance.difference import code_of
from mainstay.provenance.lineage import copied_from, data_of, held
from mainstay.provenance.records import Open, Packaged, Records, logged_of, packaged, run_of

TAG = "mainstay.card."
EDITABLE = {
    "intended_use": "Intended use",
    "limitations": "Limitations and risks",
    "contact": "Contact",
}
"""Parts that people write, with their titles."""

_LONGEST = 200


def make(records: Records, open_files: Open, name: str, version: int) -> Card:
    """Return the card of a version. Raises: NotFound."""
    found = records.registry.get_model_version(name, version)
    model = logged_of(records, found)
    run = run_of(records, found, model)
    files = packaged(found, open_files)
    evidence = records.release.list_evidence(name, version)
    history = records.registry.alias_history(name)
    summary = {
        "Version": f"{name} {version}",
        "Aliases": ", ".join(f"@{alias}" for alias in found.aliases),
        "Stage": "" if found.current_stage == "None" else found.current_stage,
        "Registered": f"{_when(found.creation_timestamp)} by {found.user_id or 'unknown'}",
        "Digest": found.digest or "not hashed yet",
        "Model": model.model_type or "" if model else "",
        "Run": run.info.run_id if run else "",
        "Copied from": (copied_from(found) or {}).get("uri", ""),
        "Files": files.problem,
    }
    sections = [
        _facts("summary", "Summary", summary),
        Section(key="description", title="Description", text=found.description),
        *(
            Section(key=key, title=title, text=found.tags.get(TAG + key, ""), editable=True)
            for key, title in EDITABLE.items()
        ),
        _data(run),
        _facts("params", "Parameters", run.data.params if run else {}),
        _metrics(run, [] if model is None else [(m.key, m.value) for m in model.metrics]),
        _evidence(evidence),
        *_signature(files),
        _environment(files),
        _facts("code", "Code", code_of(run) if run else {}),
        _verdicts(records, name, version),
        _rows(
            "aliases",
            "Aliases held",
            ["alias", "from (UTC)", "to (UTC)", "set by", "reason"],
            [
                [
                    f"@{one['alias']}",
                    _when(one["from"]),
                    _when(one["to"]),
                    one["set_by"],
                    one["reason"],
                ]
                for one in held(history, version)
            ],
        ),
    ]
    kept = [part for part in sections if part.text or part.table or part.editable]
    return Card(name=name, version=version, sections=kept)


def _facts(key: str, title: str, facts: dict[str, str]) -> Section:
    rows = [[name, str(value)] for name, value in facts.items() if str(value)]
    return _rows(key, title, ["what", "value"], rows)


def _rows(key: str, title: str, columns: list[str], rows: Iterable[Iterable[Any]]) -> Section:
    cells = [["" if cell is None else _short(str(cell)) for cell in row] for row in rows]
    table = Table(columns=columns, rows=cells) if cells else None
    return Section(key=key, title=title, table=table)


def _data(run: Run | None) -> Section:
    found = [data_of(item) for item in run.inputs.dataset_inputs] if run else []
    rows = [
        [
            item["name"],
            item["digest"],
            item["context"],
            item["job"],
            ", ".join(f"{p.get('name')}@{p.get('digest')}" for p in item["parents"]),
        ]
        for item in found
    ]
    return _rows("data", "Data", ["name", "digest", "used for", "made by", "made from"], rows)


def _metrics(run: Run | None, of_model: list[tuple[str, float]]) -> Section:
    metrics = {**(run.data.metrics if run else {}), **dict(of_model)}
    rows = [[key, f"{value:.6g}"] for key, value in sorted(metrics.items())]
    return _rows("metrics", "Metrics of training", ["metric", "value"], rows)


def _evidence(evidence: list[Evidence]) -> Section:
    rows = []
    for item in evidence:
        if item.kind == "signature":
            rows.append(["signature", "key", item.values.get("key"), "", _when(item.at)])
        elif item.kind != "schema":
            rows += [
                [item.kind, key, _value(value), item.dataset_digest, _when(item.at)]
                for key, value in sorted(item.values.items())
                if isinstance(value, int | float | str)
            ]
    columns = ["kind", "what", "value", "data set", "measured (UTC)"]
    return _rows("evidence", "Evaluation", columns, rows)


def _signature(files: Packaged) -> list[Section]:
    signature = files.metadata.signature if files.metadata else None
    if signature is None:
        return []
    parts = []
    for key, title, schema in (
        ("inputs", "Inputs", signature.inputs),
        ("outputs", "Outputs", signature.outputs),
    ):
        if schema is None:
            continue
        rows = [
            [column.get("name") or place, _type(column), _required(column)]
            for place, column in enumerate(schema.to_dict())
        ]
        parts.append(_rows(key, title, ["name", "type", "required"], rows))
    return parts


def _type(column: dict[str, Any]) -> str:
    spec = column.get("tensor-spec")
    if isinstance(spec, dict):
        return f"tensor {spec.get('dtype')} {spec.get('shape')}"
    return str(column.get("type"))


def _required(column: dict[str, Any]) -> str:
    return "yes" if column.get("required", True) else "no"


def _environment(files: Packaged) -> Section:
    rows = [["python", files.python]] if files.python else []
    rows += [[line.partition("==")[0], line.partition("==")[2]] for line in files.requirements]
    return _rows("environment", "Environment", ["package", "version"], rows)


def _verdicts(records: Records, name: str, version: int) -> Section:
    """Return the last decision for each alias, check by check."""
    rows: list[list[str]] = []
    seen = set()
    for verdict in records.release.list_verdicts(name, version=version):
        if verdict.alias in seen:
            continue
        seen.add(verdict.alias)
        rows += [
            [f"@{verdict.alias}", check.check, check.outcome, check.message, _when(verdict.at)]
            for check in verdict.checks
        ]
    columns = ["alias", "check", "outcome", "what was found", "decided (UTC)"]
    return _rows("verdicts", "Gate decisions", columns, rows)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _when(at: int | None) -> str:
    if not at:
        return ""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
