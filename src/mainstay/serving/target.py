"""What a model address means at this moment: the version that shall be served."""

from __future__ import annotations

import msgspec

from mainstay import uris
from mainstay.errors import NotFound
from mainstay.stores.base.registry import RegistryStore


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One fixed model: ``uri`` never names an alias; ``version`` None is an unregistered one."""

    name: str
    version: int | None
    uri: str

    def __str__(self) -> str:
        return self.uri if self.version is None else f"{self.name} version {self.version}"


def resolve(uri: str, registry: RegistryStore) -> Target:
    """Return what ``uri`` means now.

    Raises:
        BadInput, AliasNotFound, NotFound: no such address, model, version, alias or stage.
    """
    parsed = uris.parse(uri)
    if not isinstance(parsed, uris.ModelUri) or parsed.model_id is not None:
        return Target(name=_short_name(uri), version=None, uri=uri)
    version = _version(parsed, registry)
    return Target(name=parsed.name, version=version, uri=f"models:/{parsed.name}/{version}")


def moves(uri: str) -> bool:
    """Tell whether what ``uri`` means can change: an alias, a stage or ``latest``."""
    parsed = uris.parse(uri)
    return isinstance(parsed, uris.ModelUri) and bool(parsed.alias or parsed.stage or parsed.latest)


def deployment_name(uri: str) -> str:
    """Return the name under which counts and states are kept; "" for an unregistered model.

    >>> deployment_name("models:/churn@champion")
    'churn@champion'
    """
    parsed = uris.parse(uri)
    if not isinstance(parsed, uris.ModelUri) or parsed.model_id is not None:
        return ""
    if parsed.alias:
        return f"{parsed.name}@{parsed.alias}"
    return f"{parsed.name}/{parsed.version or parsed.stage or 'latest'}"


def _version(parsed: uris.ModelUri, registry: RegistryStore) -> int:
    if parsed.alias:
        return registry.get_version_by_alias(parsed.name, parsed.alias).version
    if parsed.version is not None:
        return registry.get_model_version(parsed.name, parsed.version).version
    stages = [parsed.stage] if parsed.stage else []
    found = registry.get_latest_versions(parsed.name, stages)
    if not found:
        where = f"in stage {parsed.stage}" if parsed.stage else "at all"
        raise NotFound(f"the model {parsed.name!r} has no version {where}")
    return max(version.version for version in found)


def _short_name(uri: str) -> str:
    path = uris.local_path(uri)
    last = path.resolve().name if path is not None else uri.rstrip("/").split("/")[-1]
    return last or "model"
