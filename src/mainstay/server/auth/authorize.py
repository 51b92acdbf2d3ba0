"""The one door of permissions: may this principal do this to that?

A viewer reads. A contributor also writes runs, files, models and versions. A maintainer also
moves aliases and stages, and sets policies. An administrator may do everything.
"""

from __future__ import annotations

from mainstay.entities.accounts import ROLES, Principal, Role
from mainstay.errors import PermissionDenied
from mainstay.wire.endpoint import Action, Permission

NEEDED: dict[Action, Role] = {
    Action.PUBLIC: "viewer",
    Action.READ: "viewer",
    Action.WRITE: "contributor",
    Action.MANAGE: "maintainer",
    Action.ADMIN: "admin",
}


def authorize(principal: Principal, permission: Permission) -> None:
    """Let the principal through.

    Raises:
        PermissionDenied: its role does not reach that far.
    """
    needed = NEEDED[permission.action]
    if ROLES.index(principal.role) < ROLES.index(needed):
        raise PermissionDenied(
            f"{principal} is a {principal.role}; to {permission.action.value} "
            f"{permission.kind.value.replace('_', ' ')} one must be a {needed}"
        )
