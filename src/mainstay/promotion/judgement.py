"""Collect what a gate needs from the stores, and decide: the impure half of ``gate``."""

from __future__ import annotations

import time

from mainstay.entities.registry import AliasChange
from mainstay.entities.release import Approval, Verdict
from mainstay.errors import NotFound
from mainstay.promotion import gate
from mainstay.promotion import policy as policies
from mainstay.promotion.checks import Subject
from mainstay.stores.base import RegistryStore, ReleaseStore

STAGES = ("Staging", "Production")
"""The stages that something may follow."""


def now() -> int:
    """Return milliseconds since 1970 UTC."""
    return int(time.time() * 1000)


def holder(registry: RegistryStore, name: str, alias: str) -> int | None:
    """Return the version that holds an alias, None if none does. Raises: NotFound (the model)."""
    return registry.get_registered_model(name).aliases.get(alias)


def champion(registry: RegistryStore, name: str, alias: str) -> int | None:
    """Return whom a candidate is compared with: the holder, or who held the alias last.

    So removing an alias does not open the way for a worse version. For the name of a stage that
    no version ever held as an alias, it is the newest version in that stage.
    """
    held = holder(registry, name, alias)
    if held is not None:
        return held
    for change in reversed(registry.alias_history(name, alias)):
        if change.previous is not None and exists(registry, name, change.previous):
            return change.previous
    if alias in STAGES:
        return next((v.version for v in registry.get_latest_versions(name, [alias])), None)
    return None


def stage_gates(release: ReleaseStore, name: str, stage: str) -> list[str]:
    """Return the aliases whose gates a version must pass to enter a stage.

    The gate that is set for the stage's own name, if there is one. A model that has gates and none
    for ``Production`` lets a version into it that passes all of them: no stage leads around a gate.
    """
    if stage not in STAGES:
        return []
    if release.get_policy(name, stage) is not None:
        return [stage]
    if stage != "Production":
        return []
    found = release.list_policies()
    return sorted({item.alias for item in found if item.name in (name, "*")} - set(STAGES))


def exists(registry: RegistryStore, name: str, version: int) -> bool:
    """Say whether a version is there and not deleted."""
    try:
        registry.get_model_version(name, version)
    except NotFound:
        return False
    return True


def judge(
    registry: RegistryStore,
    release: ReleaseStore,
    name: str,
    alias: str,
    version: int,
    *,
    at: int | None = None,
) -> Verdict | None:
    """Decide whether this version may hold this alias; None if no gate stands before it.

    Nothing is written. Raises: NotFound, BadInput (a policy that cannot be read).
    """
    candidate = registry.get_model_version(name, version)
    policy = release.get_policy(name, alias)
    if policy is None:
        return None
    return gate.decide(
        policies.parse(policy.text),
        name=name,
        alias=alias,
        version=version,
        version_digest=candidate.digest,
        evidence=release.list_evidence(name, version),
        baseline=_baseline(registry, release, name, alias),
        now=now() if at is None else at,
        approvals=about(release, name, alias, version),
        registered_by=candidate.user_id,
    )


def about(release: ReleaseStore, name: str, alias: str, version: int) -> list[Approval]:
    """Return the requests about this move, oldest first."""
    return [
        item
        for item in reversed(release.list_approvals(name=name))
        if item.alias == alias and item.version == version
    ]


def _baseline(
    registry: RegistryStore, release: ReleaseStore, name: str, alias: str
) -> Subject | None:
    version = champion(registry, name, alias)
    if version is None:
        return None
    return Subject(
        name=name,
        version=version,
        digest=registry.get_model_version(name, version).digest,
        evidence=tuple(release.list_evidence(name, version)),
        alias=alias,
    )


def held(history: list[AliasChange], version: int) -> bool:
    """Say whether a version ever held the alias of this history."""
    return any(change.version == version for change in history)
