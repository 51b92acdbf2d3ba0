"""What a deployment serves at this moment, and how it came to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mainstay import uris
from mainstay.entities.registry import AliasChange
from mainstay.errors import BadInput, NotFound
from mainstay.stores.base.registry import RegistryStore


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """The version that a deployment's address means; with an alias also the change that began
    its present tenure, and when the alias was last rolled back (ms since 1970; 0: never).
    """

    deployment: str
    name: str
    version: int
    alias: str | None = None
    change: AliasChange | None = None
    rolled_back_at: int = 0

    @property
    def since(self) -> int:
        """When the alias came to this version, in ms since 1970; 0 for an address without one."""
        return 0 if self.change is None else self.change.at

    @property
    def previous(self) -> int | None:
        """The version that held the alias before."""
        return None if self.change is None else self.change.previous


def find(registry: RegistryStore, deployment: str) -> Served:
    """Return what a deployment (``churn@champion``, ``churn/3``, ``churn/latest``) serves.

    Raises:
        BadInput: the name has another form, or the alias does not exist.
        NotFound: there is no such model or version.
    """
    try:
        uri = uris.parse(f"models:/{deployment.removeprefix('models:/')}")
    except BadInput as error:
        raise BadInput(
            f"{deployment!r} is not a deployment; write <model>@<alias> or <model>/<version>"
        ) from error
    if not isinstance(uri, uris.ModelUri) or not uri.name:
        raise BadInput(f"{deployment!r} names no registered model")
    name = deployment.removeprefix("models:/")
    if uri.alias is None:
        return Served(deployment=name, name=uri.name, version=_version(registry, uri))
    holder = registry.get_version_by_alias(uri.name, uri.alias).version
    history = registry.alias_history(uri.name, uri.alias)
    return Served(
        deployment=name,
        name=uri.name,
        version=holder,
        alias=uri.alias,
        change=tenure(history, holder),
        rolled_back_at=max((done.at for done in history if done.kind == "rollback"), default=0),
    )


def tenure(history: Sequence[AliasChange], holder: int) -> AliasChange | None:
    """Return the change that brought ``holder`` to the alias; setting it anew begins nothing."""
    began = None
    for change in reversed(history):
        if change.version != holder:
            break
        began = change
    return began


def _version(registry: RegistryStore, uri: uris.ModelUri) -> int:
    if uri.version is not None:
        return registry.get_model_version(uri.name, uri.version).version
    found = registry.get_latest_versions(uri.name, [uri.stage] if uri.stage else [])
    if not found:
        raise NotFound(f"{uri.name!r} has no version in stage {uri.stage or 'any'}")
    return max(version.version for version in found)
