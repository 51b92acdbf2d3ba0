"""Digests that bind one record to another: canonical JSON under SHA-256.

Canonical JSON: UTF-8, keys sorted, no blanks, NaN and ±Inf as the strings that MLflow uses. So
the same record has the same digest on every machine and after any trip through JSON.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from typing import Any

import msgspec

from mainstay.entities.release import AuditEntry, Evidence

GENESIS = "0" * 64
"""What the first link of the audit chain names as its previous digest."""


def plain(value: Any) -> Any:
    """Turn records into JSON's own types; floats that JSON lacks become text.

    >>> plain({"auc": float("nan")})
    {'auc': 'NaN'}
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, msgspec.Struct):
        return {field: plain(getattr(value, field)) for field in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a record.

    >>> canonical({"b": 1, "a": float("inf")})
    b'{"a":"Infinity","b":1}'
    """
    return msgspec.json.encode(plain(value), order="sorted")


def evidence_digest(evidence: Iterable[Evidence]) -> str:
    """Return one digest for all evidence of a version, in any order; the model's name is left out.

    SHA-256 over canonical JSON lines, sorted. Locks are left out too: no check reads them, and an
    approval must not become void because somebody looked up hashes.
    """
    lines = sorted(
        canonical(msgspec.structs.replace(item, name=""))
        for item in evidence
        if item.kind != "lock"
    )
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def link_digest(entry: AuditEntry) -> str:
    """Return what ``entry.digest`` must be: SHA-256(previous || canonical JSON of the rest)."""
    body = plain(entry)
    del body["previous"], body["digest"]
    return hashlib.sha256(entry.previous.encode() + canonical(body)).hexdigest()


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()
