"""Stores that pass every call on: what a wrapper starts from and changes a few methods of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.events import Event
from mainstay.entities.pages import Page, Search
from mainstay.entities.registry import AliasChange, Deleted, ModelVersion, RegisteredModel, Stage
from mainstay.entities.release import (
    AliasMove,
    Approval,
    ApprovalState,
    AuditEntry,
    Evidence,
    Policy,
    Verdict,
)
from mainstay.stores.base.registry import RegistryStore
from mainstay.stores.base.release import ReleaseStore


class PassingRegistry:
    """A registry that leaves everything to another one."""

    def __init__(self, registry: RegistryStore) -> None:
        self._registry = registry

    @property
    def inner(self) -> RegistryStore:
        """The other one."""
        return self._registry

    def create_registered_model(
        self,
        name: str,
        *,
        tags: Mapping[str, str] = {},
        description: str = "",
        by: Principal = ANONYMOUS,
    ) -> RegisteredModel:
        """Create a model."""
        return self._registry.create_registered_model(
            name, tags=tags, description=description, by=by
        )

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return it."""
        return self._registry.get_registered_model(name)

    def rename_registered_model(
        self, name: str, new_name: str, *, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Rename it with all its versions."""
        return self._registry.rename_registered_model(name, new_name, by=by)

    def update_registered_model(
        self, name: str, *, description: str, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Set its description."""
        return self._registry.update_registered_model(name, description=description, by=by)

    def delete_registered_model(self, name: str, *, by: Principal = ANONYMOUS) -> None:
        """Delete it with its versions."""
        self._registry.delete_registered_model(name, by=by)

    def restore_registered_model(
        self, name: str, *, new_name: str | None = None, by: Principal = ANONYMOUS
    ) -> RegisteredModel:
        """Bring it back with its versions."""
        return self._registry.restore_registered_model(name, new_name=new_name, by=by)

    def list_deleted(self, name: str | None = None) -> list[Deleted]:
        """Return what can be restored."""
        return self._registry.list_deleted(name)

    def search_registered_models(self, search: Search) -> Page[RegisteredModel]:
        """Search; default order is by name."""
        return self._registry.search_registered_models(search)

    def set_registered_model_tag(
        self, name: str, key: str, value: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Set a tag."""
        self._registry.set_registered_model_tag(name, key, value, by=by)

    def delete_registered_model_tag(
        self, name: str, key: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Take a tag off; a missing tag is fine."""
        self._registry.delete_registered_model_tag(name, key, by=by)

    def create_model_version(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        tags: Mapping[str, str] = {},
        run_link: str | None = None,
        description: str = "",
        digest: str | None = None,
        claimed_digest: str | None = None,
        storage_location: str | None = None,
        by: Principal = ANONYMOUS,
    ) -> ModelVersion:
        """Create the next version; numbers are never used twice."""
        return self._registry.create_model_version(
            name,
            source,
            run_id=run_id,
            model_id=model_id,
            tags=tags,
            run_link=run_link,
            description=description,
            digest=digest,
            claimed_digest=claimed_digest,
            storage_location=storage_location,
            by=by,
        )

    def get_model_version(self, name: str, version: int) -> ModelVersion:
        """Return it."""
        return self._registry.get_model_version(name, version)

    def get_version_recorder(self, name: str, version: int) -> Recorder:
        """Return who recorded a version."""
        return self._registry.get_version_recorder(name, version)

    def vouch_model_version(
        self, name: str, version: int, *, by: Principal = ANONYMOUS
    ) -> Recorder:
        """Stand for a version."""
        return self._registry.vouch_model_version(name, version, by=by)

    def update_model_version(
        self, name: str, version: int, *, description: str, by: Principal = ANONYMOUS
    ) -> ModelVersion:
        """Set its description."""
        return self._registry.update_model_version(name, version, description=description, by=by)

    def set_version_digest(self, name: str, version: int, digest: str) -> None:
        """Fix the digest of a version that was still being hashed."""
        self._registry.set_version_digest(name, version, digest)

    def delete_model_version(self, name: str, version: int, *, by: Principal = ANONYMOUS) -> None:
        """Soft-delete it: its number stays used, its aliases go."""
        self._registry.delete_model_version(name, version, by=by)

    def restore_model_version(
        self, name: str, version: int, *, by: Principal = ANONYMOUS
    ) -> ModelVersion:
        """Bring back a deleted version."""
        return self._registry.restore_model_version(name, version, by=by)

    def search_model_versions(self, search: Search) -> Page[ModelVersion]:
        """Search; default order is last updated desc, name, version desc."""
        return self._registry.search_model_versions(search)

    def set_model_version_tag(
        self, name: str, version: int, key: str, value: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Set a tag."""
        self._registry.set_model_version_tag(name, version, key, value, by=by)

    def delete_model_version_tag(
        self, name: str, version: int, key: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Take a tag off."""
        self._registry.delete_model_version_tag(name, version, key, by=by)

    def transition_stage(
        self,
        name: str,
        version: int,
        stage: Stage,
        *,
        archive_existing: bool = False,
        rests_on: Sequence[AliasMove] = (),
        by: Principal = ANONYMOUS,
    ) -> ModelVersion:
        """Move a version to a stage."""
        return self._registry.transition_stage(
            name, version, stage, archive_existing=archive_existing, rests_on=rests_on, by=by
        )

    def get_latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """Return the newest version of each stage (all stages if none given)."""
        return self._registry.get_latest_versions(name, stages)

    def set_alias(
        self, name: str, alias: str, version: int, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Point an alias at a version; MLflow's call, last writer wins, recorded in the history."""
        self._registry.set_alias(name, alias, version, reason=reason, by=by)

    def delete_alias(
        self, name: str, alias: str, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Remove an alias; a missing one is fine."""
        self._registry.delete_alias(name, alias, reason=reason, by=by)

    def get_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the holder; ``latest`` is the highest version."""
        return self._registry.get_version_by_alias(name, alias)

    def alias_history(self, name: str, alias: str | None = None) -> list[AliasChange]:
        """Return every change of this alias (or all of the model's), oldest first."""
        return self._registry.alias_history(name, alias)


class PassingRelease:
    """A release store that leaves everything to another one."""

    def __init__(self, release: ReleaseStore) -> None:
        self._release = release

    def record_evidence(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Keep measurements; each id once."""
        return self._release.record_evidence(evidence)

    def list_evidence(self, name: str, version: int) -> list[Evidence]:
        """Return a version's evidence, oldest first."""
        return self._release.list_evidence(name, version)

    def set_policy(
        self, name: str, alias: str, text: str, *, digest: str, by: Principal = ANONYMOUS
    ) -> Policy:
        """Put a gate before an alias (name ``*``: of every model); an empty text removes it."""
        return self._release.set_policy(name, alias, text, digest=digest, by=by)

    def get_policy(self, name: str, alias: str) -> Policy | None:
        """Return the gate of this alias, the model's own before that of ``*``; None if open."""
        return self._release.get_policy(name, alias)

    def list_policies(self) -> list[Policy]:
        """Return every gate, by model and alias."""
        return self._release.list_policies()

    def record_verdict(self, verdict: Verdict) -> Verdict:
        """Keep a decision that moved nothing (a refusal, a dry run)."""
        return self._release.record_verdict(verdict)

    def list_verdicts(
        self, name: str, *, version: int | None = None, alias: str | None = None
    ) -> list[Verdict]:
        """Return decisions, newest first."""
        return self._release.list_verdicts(name, version=version, alias=alias)

    def request_approval(self, approval: Approval) -> Approval:
        """Keep a request."""
        return self._release.request_approval(approval)

    def decide_approval(
        self, approval_id: str, state: ApprovalState, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> Approval:
        """Decide a pending request."""
        return self._release.decide_approval(approval_id, state, reason=reason, by=by)

    def list_approvals(
        self, *, name: str | None = None, state: ApprovalState | None = None
    ) -> list[Approval]:
        """Return requests, newest first."""
        return self._release.list_approvals(name=name, state=state)

    def move_alias(self, move: AliasMove) -> AliasChange:
        """Check the move's expectations and write all of it, or nothing."""
        return self._release.move_alias(move)

    def append_audit(
        self, action: str, subject: str, data: dict[str, Any], *, by: Principal = ANONYMOUS
    ) -> AuditEntry:
        """Add a link to the chain."""
        return self._release.append_audit(action, subject, data, by=by)

    def list_audit(
        self, *, after: int = 0, limit: int = 1000, subject: str | None = None
    ) -> list[AuditEntry]:
        """Return links in order of sequence, those above ``after``."""
        return self._release.list_audit(after=after, limit=limit, subject=subject)

    def list_events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return outbox events in order, those above ``after``."""
        return self._release.list_events(after=after, limit=limit)
