"""Put an alias back to who held it before."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.entities.accounts import Principal
from mainstay.entities.registry import AliasChange
from mainstay.entities.release import AliasMove
from mainstay.errors import BadInput, Conflict
from mainstay.promotion import judgement
from mainstay.stores.base import RegistryStore, ReleaseStore


def rollback(
    registry: RegistryStore,
    release: ReleaseStore,
    name: str,
    alias: str,
    *,
    by: Principal,
    reason: str,
    expected: int | None = None,
) -> AliasChange:
    """Move the alias to its previous holder, one that passed its gate if there is such a one.

    ``expected`` is the version to take it from. Nothing is retried: who loses a race looks again.

    Raises:
        NotFound: there is no such model.
        BadInput: nobody holds the alias, or nobody held it before.
        Conflict: another version holds it by now.
    """
    held = judgement.holder(registry, name, alias)
    if held is None:
        raise BadInput(f"nobody holds the alias {alias!r} of {name}; there is nothing to roll back")
    if expected is not None and held != expected:
        raise Conflict(f"alias {alias!r} of {name} is held by v{held}, not by v{expected}")
    there = [
        version
        for version in targets(registry.alias_history(name, alias), held)
        if judgement.exists(registry, name, version)
    ]
    if not there:
        raise BadInput(
            f"no other version held the alias {alias!r} of {name} before that could take it back"
        )
    return release.move_alias(
        AliasMove(
            name=name,
            alias=alias,
            version=there[0],
            expected_version=held,
            kind="rollback",
            principal=by,
            reason=reason,
        )
    )


def targets(history: Sequence[AliasChange], held: int) -> list[int]:
    """Return the versions to go back to, the best first.

    Those that came with a passing verdict go before those that came without, else the latest
    holder first. A version that was itself rolled back, and not promoted since, is left out.
    """
    order: list[int] = []
    passed: set[int] = set()
    left_by: dict[int, str] = {}
    for change in history:
        if change.previous is not None and change.previous != change.version:
            left_by[change.previous] = change.kind
        if change.version is None:
            continue
        if change.verdict_id is not None:
            passed.add(change.version)
        if change.version in order:
            order.remove(change.version)
        order.append(change.version)
    possible = [
        version
        for version in reversed(order)
        if version != held and left_by.get(version) != "rollback"
    ]
    return sorted(possible, key=lambda version: version not in passed)
