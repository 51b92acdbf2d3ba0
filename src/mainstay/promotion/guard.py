"""The gate as a store: whoever moves an alias, by whatever door, meets it.

``GuardedRegistry`` and ``GuardedRelease`` wrap the plain stores and are what the rest of the
house gets. MLflow's own ``set_registered_model_alias`` passes the same gate as ``promote``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, get_args

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.registry import AliasChange, ModelVersion, Stage
from mainstay.entities.release import AliasMove, Approval, ApprovalState, AuditEntry, Verdict
from mainstay.errors import BadInput, Conflict, GateRefused, NotFound, PermissionDenied
from mainstay.promotion import approvals, gate, judgement
from mainstay.stores.base import RegistryStore, ReleaseStore
from mainstay.stores.base.passing import PassingRegistry, PassingRelease

T = TypeVar("T")

TRIES = 8
"""How often a move is decided anew when something changed between decision and commit."""

OWN_ACTIONS = frozenset(
    {
        *("registered_model", "registered_model_tag", "model_version", "model_version_tag"),
        *("model_version_alias", "alias_move", "gate_policy", "evidence", "verdict", "approval"),
        *("alert", "action", "user", "token", "webhook", "standard"),
    }
)
"""What the actions of mainstay's own links begin with."""


class GuardedRegistry(PassingRegistry):
    """A registry whose aliases move only through their gates."""

    def __init__(self, registry: RegistryStore, release: ReleaseStore) -> None:
        super().__init__(registry)
        self._release = release

    def set_alias(
        self, name: str, alias: str, version: int, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> None:
        """Move an alias through its gate; without a gate, a plain recorded move.

        Raises: NotFound, BadInput, GateRefused, Conflict (after ``TRIES`` lost races).
        """
        move = AliasMove(name=name, alias=alias, version=version, principal=by, reason=reason)
        move_guarded(self._registry, self._release, move)

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
        """Move a version to a stage, through the gates that stand before it; see ``stage_gates``.

        Raises: NotFound, BadInput, GateRefused, Conflict (after ``TRIES`` lost races).
        """
        stage = _spelled(stage)
        for attempt in range(1, TRIES + 1):
            prepared = self._decided(name, version, stage, by)
            try:
                return self._registry.transition_stage(
                    name,
                    version,
                    stage,
                    archive_existing=archive_existing,
                    rests_on=prepared,
                    by=by,
                )
            except Conflict:
                if attempt == TRIES:
                    raise
        raise AssertionError("unreachable")

    def _decided(self, name: str, version: int, stage: str, by: Principal) -> list[AliasMove]:
        """Return what each gate before a stage decided. Raises: GateRefused."""
        if self._registry.get_model_version(name, version).current_stage == stage:
            return []
        decided = []
        for alias in judgement.stage_gates(self._release, name, stage):
            move = AliasMove(name=name, alias=alias, version=version, principal=by)
            move = replace(move, reason=f"stage {stage}")
            verdict = judgement.judge(self._registry, self._release, name, alias, version)
            if verdict is not None:
                decided.append(_resting(self._release, move, verdict))
        return decided


class GuardedRelease(PassingRelease):
    """A release store whose alias moves, approvals and audit follow the rules of promotion."""

    def __init__(self, registry: RegistryStore, release: ReleaseStore) -> None:
        super().__init__(release)
        self._registry = registry

    def move_alias(self, move: AliasMove) -> AliasChange:
        """Decide anew, whatever verdict the caller brings, then move.

        Raises: NotFound, BadInput, GateRefused, Conflict.
        """
        return move_guarded(self._registry, self._release, move)

    def record_verdict(self, verdict: Verdict) -> Verdict:
        """Decide about the version and alias that ``verdict`` names, and keep that decision.

        What the caller says was decided counts for nothing, so that no verdict can be made up.
        Raises: NotFound (the version, or a gate), BadInput (a policy that cannot be read).
        """
        own = judgement.judge(
            self._registry, self._release, verdict.name, verdict.alias, verdict.version
        )
        if own is None:
            raise NotFound(
                f"no gate stands before {verdict.name}@{verdict.alias}, so there is nothing to "
                f"decide; set one: mainstay gate set {verdict.name} {verdict.alias} policy.yaml"
            )
        return self._release.record_verdict(own)

    def decide_approval(
        self, approval_id: str, state: ApprovalState, *, reason: str = "", by: Principal = ANONYMOUS
    ) -> Approval:
        """Decide a request under the two-person rule; see ``approvals.decide``."""
        return approvals.decide(
            self._registry, self._release, approval_id, state, reason=reason, by=by
        )

    def append_audit(
        self, action: str, subject: str, data: dict[str, Any], *, by: Principal = ANONYMOUS
    ) -> AuditEntry:
        """Add a note to the chain; what mainstay writes itself cannot be imitated.

        Raises: BadInput.
        """
        if action.partition(".")[0] in OWN_ACTIONS:
            raise BadInput(
                f"the audit action {action!r} is written by mainstay itself; "
                "choose another name for a note"
            )
        return self._release.append_audit(action, subject, data, by=by)


def _spelled(stage: Stage) -> Stage:
    """Return a stage in its own spelling; stores take any case, and gates must not be dodged so."""
    return next((known for known in get_args(Stage) if known.lower() == stage.lower()), stage)


def move_guarded(registry: RegistryStore, release: ReleaseStore, move: AliasMove) -> AliasChange:
    """Decide and move; when something changed in between, decide again, a bounded number of times.

    ``registry`` and ``release`` are the plain stores. Expectations that the caller brought are
    kept, so a caller who names the holder still loses against whoever moved first.
    """
    for attempt in range(1, TRIES + 1):
        prepared = _prepare(registry, release, move)
        try:
            return release.move_alias(prepared)
        except Conflict:
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _prepare(registry: RegistryStore, release: ReleaseStore, move: AliasMove) -> AliasMove:
    """Return the move with everything it rests on. Raises: GateRefused, Conflict."""
    move = replace(move, verdict=None, approvals=())
    if move.version is None:
        return move
    held = judgement.holder(registry, move.name, move.alias)
    _agree(move.expected_version, held, f"the holder of {move.alias!r}")
    if move.kind == "rollback":
        return _rollback(registry, move, held)
    if held == move.version:
        # Nothing changes hands, so there is nothing to decide; the call is kept in the history.
        return replace(move, expected_version=held)
    verdict = judgement.judge(registry, release, move.name, move.alias, move.version)
    if verdict is None:
        _agree(move.policy_digest, "", "the gate")
        return replace(move, policy_digest="")
    # A baseline that held the alias before is no holder: then nobody must hold it now.
    return replace(_resting(release, move, verdict), expected_version=held)


def _resting(release: ReleaseStore, move: AliasMove, verdict: Verdict) -> AliasMove:
    """Return a move that rests on a verdict. Raises: GateRefused, Conflict."""
    if not verdict.passed:
        release.record_verdict(verdict)
        _note_refusal(release, move, verdict)
        raise GateRefused(gate.refusal(verdict), verdict=verdict)
    _agree(move.version_digest, verdict.version_digest, "the version's digest")
    _agree(move.policy_digest, verdict.policy_digest, "the gate's policy")
    _agree(move.evidence_digest, verdict.evidence_digest, "the evidence")
    return replace(
        move,
        version_digest=verdict.version_digest,
        policy_digest=verdict.policy_digest,
        evidence_digest=verdict.evidence_digest,
        approvals=approvals.resting_on(release, verdict),
        verdict=verdict,
    )


def _note_refusal(release: ReleaseStore, move: AliasMove, verdict: Verdict) -> None:
    """Keep who tried; a verdict says only what was decided."""
    data = {
        "name": move.name,
        "alias": move.alias,
        "version": move.version,
        "verdict_id": verdict.verdict_id,
        "reason": move.reason,
    }
    subject = f"{move.name}@{move.alias}"
    release.append_audit("alias_move.refused", subject, data, by=move.principal)


def _rollback(registry: RegistryStore, move: AliasMove, held: int | None) -> AliasMove:
    """Allow the way back without a gate, but only to a version that held the alias before."""
    history = registry.alias_history(move.name, move.alias)
    if move.version is not None and judgement.held(history, move.version):
        return replace(move, expected_version=held)
    raise PermissionDenied(
        f"{move.name} v{move.version} never held the alias {move.alias!r}, so it is no rollback; "
        f"promote it: mainstay promote {move.name} {move.version} --alias {move.alias}"
    )


def _agree(expected: T | UnsetType, found: T, what: str) -> None:
    if expected is not UNSET and expected != found:
        raise Conflict(f"{what} is {found or 'nobody'}, not {expected or 'nobody'}; look again")
