"""Measure a model and record what came out."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from mainstay.entities.release import Evidence
from mainstay.errors import AliasNotFound
from mainstay.evaluation import dataset
from mainstay.evaluation.measures import MEASURES
from mainstay.evaluation.result import EvaluationResult
from mainstay.evaluation.subject import ModelType, Subject
from mainstay.fluent.session import session
from mainstay.models.loading import Resolved, load_model, resolve
from mainstay.models.sources import ModelStores
from mainstay.stores.base.release import ReleaseStore

DEFAULT_MEASURES = ("quality", "latency", "size", "schema")


class EvaluationStores(ModelStores, Protocol):
    """What finds models and keeps evidence; ``mainstay.connect`` gives it."""

    @property
    def release(self) -> ReleaseStore:
        """Where evidence is kept."""
        ...


def evaluate(
    model_uri: str,
    data: Any,
    targets: Any,
    *,
    stores: EvaluationStores | None = None,
    baseline: str | None = None,
    measures: Sequence[str] = DEFAULT_MEASURES,
    model_type: ModelType | None = None,
    calls: int = 200,
) -> EvaluationResult:
    """Measure a model on rows with known targets; the evidence of a registered one is recorded.

    ``data`` is a DataFrame, an array, or the path of a Parquet, CSV or JSON file; ``targets`` the
    name of its column, or one value a row. ``baseline`` is the champion's address: it is measured
    anew on the same rows, and the evidence is bound to it. An alias that nobody holds yet, or that
    the model itself holds, is no baseline. ``calls`` is how many single rows latency predicts.
    ``stores`` are where models are and evidence goes; left out, where this process logs to.

    Raises:
        NotFound, BadInput: no such model, data, column or measure, or data that cannot be judged.
        SchemaMismatch: the rows do not fit the model's signature.
        UntrustedModel: loading it would run code that nobody vouched for.
    """
    chosen = [MEASURES.get(name) for name in dict.fromkeys(measures)]
    rows = dataset.make(data, targets)
    where: EvaluationStores = session().stores if stores is None else stores
    found = resolve(model_uri, where)
    champion = _champion(baseline, found, where)
    subject = Subject(
        model=load_model(_address(found), stores=where),
        found=found,
        data=rows,
        model_type=model_type,
        calls=calls,
    )
    if champion is not None:
        loaded = load_model(_address(champion), stores=where)
        beside = msgspec.structs.replace(subject, model=loaded, found=champion)
        subject = msgspec.structs.replace(subject, baseline=beside)
    evidence = [_evidence(item.kind, item.measure(subject), subject) for item in chosen]
    registered = bool(found.name and found.version)
    if registered:
        evidence = where.release.record_evidence(evidence)
    return EvaluationResult(
        evidence=evidence,
        recorded=registered,
        baseline_version=champion.version if champion is not None else None,
    )


def _champion(uri: str | None, candidate: Resolved, stores: EvaluationStores) -> Resolved | None:
    if uri is None:
        return None
    try:
        found = resolve(uri, stores)
    except AliasNotFound:
        return None
    same = (found.name, found.version, found.source) == (
        candidate.name,
        candidate.version,
        candidate.source,
    )
    return None if same else found


def _address(found: Resolved) -> str:
    """Return an address that cannot move between the loading and the recording."""
    return f"models:/{found.name}/{found.version}" if found.version else found.source


def _evidence(kind: str, values: dict[str, Any], subject: Subject) -> Evidence:
    champion = subject.baseline.found if subject.baseline is not None else None
    return Evidence(
        evidence_id=uuid.uuid4().hex,
        name=subject.found.name or "",
        version=subject.found.version or 0,
        version_digest=subject.found.digest,
        kind=kind,
        values=values,
        dataset_digest=subject.data.digest,
        baseline_version=champion.version if champion is not None else None,
        at=time.time_ns() // 1_000_000,
    )
