"""Releases on SQL: each method is one transaction; nothing here decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, delete, select, update

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.events import Event
from mainstay.entities.registry import AliasChange
from mainstay.entities.release import (
    AliasMove,
    Approval,
    ApprovalState,
    AuditEntry,
    Evidence,
    Policy,
    Verdict,
)
from mainstay.errors import BadInput, Conflict, NotFound
from mainstay.stores.sql import aliases, audit, decisions, journal, outbox, rules, upsert
from mainstay.stores.sql import registry_rows as rows
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registered_models import valid_name
from mainstay.stores.sql.tables.registry import registered_models
from mainstay.stores.sql.tables.release import approvals, gate_policies, verdicts

DECIDED: tuple[ApprovalState, ...] = ("approved", "rejected", "void")

ID_LENGTH = 500

GATE = Principal(name="mainstay", claimed="gate")
"""Who decides: nobody's opinion but the policy's. Who tried is a link of its own."""


class SqlRelease:
    """Fulfils ``ReleaseStore`` on a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # -- evidence ----------------------------------------------------------------------------
    def record_evidence(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Keep measurements; each id once."""

        def work(connection: Connection) -> list[Evidence]:
            return [_keep(connection, item) for item in evidence]

        return self.database.write(work)

    def list_evidence(self, name: str, version: int) -> list[Evidence]:
        """Return a version's evidence, oldest first."""
        with self.database.read() as connection:
            model = rows.model(connection, name)
            rows.version(connection, model, version)
            return decisions.list_evidence(connection, model, version)

    # -- policies ----------------------------------------------------------------------------
    def set_policy(
        self, name: str, alias: str, text: str, *, digest: str, by: Principal = ANONYMOUS
    ) -> Policy:
        """Put a gate before an alias; an empty text removes it."""
        if name != "*":
            valid_name(name)
        rules.plain(digest, "digest", most=64)
        aliases.valid_alias(alias)
        rules.plain(text, "policy")
        policy = Policy(
            name=name, alias=alias, text=text, digest=digest, principal=str(by), at=now()
        )

        def work(connection: Connection) -> Policy:
            audit.serialise(connection)
            if text.strip():
                row = msgspec.structs.asdict(policy)
                upsert.put(connection, gate_policies, row, key=["name", "alias"])
            else:
                connection.execute(delete(gate_policies).filter_by(name=name, alias=alias))
            kind = "gate_policy.set" if text.strip() else "gate_policy.deleted"
            data = {"name": name, "alias": alias, "digest": digest, "text": text}
            journal.record(connection, kind, f"{name}@{alias}", data, by=by)
            return policy

        return self.database.write(work)

    def get_policy(self, name: str, alias: str) -> Policy | None:
        """Return the gate of this alias; None if it is open."""
        with self.database.read() as connection:
            return decisions.find_policy(
                connection, rules.plain(name, "name"), rules.plain(alias, "alias")
            )

    def list_policies(self) -> list[Policy]:
        """Return every gate, by model and alias."""
        query = select(gate_policies).order_by(gate_policies.c.name, gate_policies.c.alias)
        with self.database.read() as connection:
            return [decisions.policy_of(row) for row in connection.execute(query)]

    # -- verdicts ----------------------------------------------------------------------------
    def record_verdict(self, verdict: Verdict) -> Verdict:
        """Keep a decision that moved nothing."""

        def work(connection: Connection) -> Verdict:
            model = rows.lock_model(connection, verdict.name)
            rows.version(connection, model, verdict.version)
            if not rules.plain(verdict.verdict_id, "verdict_id", most=ID_LENGTH):
                raise BadInput("a verdict needs a verdict_id")
            aliases.valid_alias(verdict.alias)
            rules.millis(verdict.at, "at")
            decisions.insert_verdict(connection, model, verdict, by=GATE)
            return verdict

        return self.database.write(work)

    def list_verdicts(
        self, name: str, *, version: int | None = None, alias: str | None = None
    ) -> list[Verdict]:
        """Return decisions, newest first."""
        with self.database.read() as connection:
            model = rows.model(connection, name)
            query = select(verdicts.c.record).where(verdicts.c.model_id == model.id)
            if version is not None:
                rows.version(connection, model, version)
                query = query.where(verdicts.c.version == version)
            if alias is not None:
                query = query.where(verdicts.c.alias == rules.plain(alias, "alias"))
            found = connection.execute(query.order_by(verdicts.c.at.desc(), verdicts.c.id.desc()))
            return [
                replace(msgspec.msgpack.decode(record, type=Verdict), name=name)
                for record in found.scalars()
            ]

    # -- approvals ---------------------------------------------------------------------------
    def request_approval(self, approval: Approval) -> Approval:
        """Keep a request."""

        def work(connection: Connection) -> Approval:
            model = rows.lock_model(connection, approval.name)
            rows.version(connection, model, approval.version)
            if not rules.plain(approval.approval_id, "approval_id", most=ID_LENGTH):
                raise BadInput("a request needs an approval_id")
            aliases.valid_alias(approval.alias)
            rules.millis(approval.requested_at, "requested_at")
            row = msgspec.structs.asdict(approval)
            del row["name"]
            values = {**row, "model_id": model.id, "state": "pending"}
            if upsert.add(connection, approvals, values, key=["approval_id"]):
                subject = f"{approval.name}@{approval.alias}"
                data = msgspec.structs.asdict(approval)
                by = Principal(name=approval.requested_by)
                journal.record(connection, "approval.requested", subject, data, by=by)
            return _approval(connection, approval.approval_id)

        return self.database.write(work)

    def decide_approval(
        self, approval_id: str, state: ApprovalState, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> Approval:
        """Decide a pending request."""
        if state not in DECIDED:
            raise BadInput(f"{state!r} is no decision; say one of {', '.join(DECIDED)}")
        rules.plain(reason, "reason")

        def work(connection: Connection) -> Approval:
            audit.serialise(connection)
            before = _approval(connection, approval_id)
            if before.state != "pending":
                raise Conflict(
                    f"approval {approval_id} was {before.state} by {before.decided_by} already"
                )
            connection.execute(
                update(approvals)
                .where(approvals.c.approval_id == approval_id)
                .values(state=state, reason=reason, decided_by=_who(by), decided_at=now())
            )
            after = _approval(connection, approval_id)
            subject, data = f"{after.name}@{after.alias}", msgspec.structs.asdict(after)
            journal.record(connection, f"approval.{state}", subject, data, by=by)
            return after

        return self.database.write(work)

    def list_approvals(
        self, *, name: str | None = None, state: ApprovalState | None = None
    ) -> list[Approval]:
        """Return requests, newest first."""
        query = select(approvals, registered_models.c.name).join(registered_models)
        query = query.where(registered_models.c.deleted_at.is_(None))
        if name is not None:
            query = query.where(registered_models.c.name == rules.plain(name, "name"))
        if state is not None:
            query = query.where(approvals.c.state == rules.plain(state, "state"))
        query = query.order_by(approvals.c.requested_at.desc(), approvals.c.id.desc())
        with self.database.read() as connection:
            return [decisions.approval_of(row) for row in connection.execute(query)]

    # -- the move, the audit, the events -----------------------------------------------------
    def move_alias(self, move: AliasMove) -> AliasChange:
        """Check the move's expectations and write all of it, or nothing."""
        return self.database.write(lambda connection: aliases.move(connection, move))

    def append_audit(
        self, action: str, subject: str, data: dict[str, Any], *, by: Principal = ANONYMOUS
    ) -> AuditEntry:
        """Add a link to the chain."""
        for what, value in (("action", action), ("subject", subject)):
            rules.plain(value, what, most=ID_LENGTH)
        return self.database.write(
            lambda connection: audit.append(connection, action, subject, data, by=by)
        )

    def list_audit(
        self, *, after: int = 0, limit: int = 1000, subject: str | None = None
    ) -> list[AuditEntry]:
        """Return links in order of sequence."""
        with self.database.read() as connection:
            return audit.entries(connection, after=after, limit=limit, subject=subject)

    def list_events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return outbox events in order."""
        with self.database.read() as connection:
            return outbox.entries(connection, after=after, limit=limit)


def _keep(connection: Connection, item: Evidence) -> Evidence:
    model = rows.lock_model(connection, item.name)
    rows.version(connection, model, item.version)
    for what, value in (("evidence_id", item.evidence_id), ("kind", item.kind)):
        if not rules.plain(value, what, most=ID_LENGTH):
            raise BadInput(f"evidence needs {what}")
    rules.millis(item.at, "at")
    kept = item if item.at else replace(item, at=now())
    if decisions.insert_evidence(connection, model, kept):
        data = msgspec.structs.asdict(kept)
        subject, by = f"{item.name}/{item.version}", Principal(name=item.principal or "anonymous")
        journal.record(connection, "evidence.recorded", subject, data, by=by)
    return kept


def _approval(connection: Connection, approval_id: str) -> Approval:
    row = connection.execute(
        select(approvals, registered_models.c.name)
        .join(registered_models)
        .where(approvals.c.approval_id == rules.plain(approval_id, "approval id"))
    ).first()
    if row is None:
        raise NotFound(f"there is no approval {approval_id}; list them: mainstay approve --list")
    return decisions.approval_of(row)


def _who(by: Principal) -> str:
    return by.name if by.authenticated else str(by)
