"""Evidence, policies, verdicts and approvals inside a transaction."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy import Connection, Row, select

from mainstay.entities.accounts import Principal
from mainstay.entities.digests import evidence_digest
from mainstay.entities.release import AliasMove, Approval, Evidence, Policy, Verdict
from mainstay.errors import Conflict
from mainstay.stores.sql import journal, upsert
from mainstay.stores.sql.packing import pack
from mainstay.stores.sql.tables.release import approvals, evidence, gate_policies, verdicts


def recheck(connection: Connection, model: Row[Any], move: AliasMove) -> None:
    """Compare what a move rests on with what is stored now. Raises: Conflict."""
    if move.policy_digest is not UNSET:
        policy = find_policy(connection, move.name, move.alias)
        if move.policy_digest != (policy.digest if policy else ""):
            raise Conflict(f"the gate of alias {move.alias!r} of {move.name} was changed meanwhile")
    if move.evidence_digest is not UNSET and move.version is not None:
        found = list_evidence(connection, model, move.version)
        if move.evidence_digest != evidence_digest(found):
            raise Conflict(f"the evidence of {move.name} v{move.version} was changed meanwhile")
    for approval_id in move.approvals:
        row = connection.execute(
            select(approvals).where(approvals.c.approval_id == approval_id)
        ).first()
        if row is None or row.state != "approved":
            state = row.state if row else "unknown"
            raise Conflict(f"approval {approval_id} is {state}, not approved")
        if (row.model_id, row.version, row.alias) != (model.id, move.version, move.alias):
            raise Conflict(f"approval {approval_id} is for another move")


def find_policy(connection: Connection, name: str, alias: str) -> Policy | None:
    """Return the gate in force: the model's own before that of every model."""
    for owner in (name, "*"):
        row = connection.execute(
            select(gate_policies).where(
                gate_policies.c.name == owner, gate_policies.c.alias == alias
            )
        ).first()
        if row is not None:
            return policy_of(row)
    return None


def policy_of(row: Row[Any]) -> Policy:
    """Turn a row into a policy."""
    return Policy(**row._mapping)


def insert_evidence(connection: Connection, model: Row[Any], item: Evidence) -> bool:
    """Keep a measurement; False if its id is known."""
    row = {
        "evidence_id": item.evidence_id,
        "model_id": model.id,
        "version": item.version,
        "kind": item.kind,
        "record": pack(item),
        "at": item.at,
    }
    return upsert.add(connection, evidence, row, key=["evidence_id"])


def list_evidence(connection: Connection, model: Row[Any], version: int) -> list[Evidence]:
    """Return a version's evidence, oldest first."""
    query = select(evidence.c.record).where(
        evidence.c.model_id == model.id, evidence.c.version == version
    )
    found = connection.execute(query.order_by(evidence.c.at, evidence.c.id)).scalars()
    return [
        replace(msgspec.msgpack.decode(record, type=Evidence), name=model.name) for record in found
    ]


def insert_verdict(
    connection: Connection, model: Row[Any], verdict: Verdict, *, by: Principal
) -> None:
    """Keep a decision once, with its event."""
    row = {
        "verdict_id": verdict.verdict_id,
        "model_id": model.id,
        "version": verdict.version,
        "alias": verdict.alias,
        "passed": verdict.passed,
        "record": pack(verdict),
        "at": verdict.at,
    }
    if not upsert.add(connection, verdicts, row, key=["verdict_id"]):
        return
    data = {
        "verdict_id": verdict.verdict_id,
        "name": verdict.name,
        "version": verdict.version,
        "alias": verdict.alias,
        "passed": verdict.passed,
        "failed": [check.check for check in verdict.failed],
        "version_digest": verdict.version_digest,
        "policy_digest": verdict.policy_digest,
        "evidence_digest": verdict.evidence_digest,
    }
    subject = f"{verdict.name}@{verdict.alias}"
    journal.record(connection, "verdict.recorded", subject, data, by=by)


def approval_of(row: Row[Any]) -> Approval:
    """Turn a row of an approval joined with the model's name into a record."""
    values = dict(row._mapping)
    return Approval(**{field: values[field] for field in Approval.__struct_fields__})
