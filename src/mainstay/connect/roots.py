"""From the address of artifacts to the store that holds them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from mainstay import uris
from mainstay.artifact_store import paths
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.object import open_store
from mainstay.entities.registry import ModelVersion
from mainstay.errors import BadInput, NotFound
from mainstay.stores.base import RegistryStore, TrackingStore

Proxied = Callable[[str, str], ArtifactStore]
"""Opens a path of ``mlflow-artifacts:`` on a host ("" for the one that is connected to)."""

_STEPS = 5
"""A version's source may be another address, and so on, but not for ever."""


class Roots:
    """Opens artifact addresses. ``registered`` opens the proxied ones of the registry."""

    def __init__(
        self,
        *,
        tracking: TrackingStore,
        registry: RegistryStore,
        proxied: Proxied,
        registered: Proxied,
    ) -> None:
        self._tracking = tracking
        self._registry = registry
        self.proxied = proxied
        self.registered = registered

    def open(self, uri: str) -> ArtifactStore:
        """Return the store whose root is ``uri``. Raises: BadInput, NotFound."""
        location, registered = self.locate(uri)
        parts = urlsplit(location)
        if parts.scheme == "mlflow-artifacts":
            path = paths.clean(unquote(parts.path).strip("/"))
            return (self.registered if registered else self.proxied)(path, parts.netloc)
        return open_store(location)

    def locate(self, uri: str) -> tuple[str, bool]:
        """Return where the files are, and whether the registry said so.

        Raises: BadInput (an address that cannot be read, or leads nowhere), NotFound.
        """
        location, registered = uri, False
        for _ in range(_STEPS):
            address = uris.parse(location)
            if isinstance(address, uris.PlainUri):
                return location, registered
            if isinstance(address, uris.RunUri):
                root = self._tracking.get_run(address.run_id).info.artifact_uri
                location = f"{root.rstrip('/')}/{address.path}".rstrip("/")
            elif address.model_id is not None:
                location = self._tracking.get_logged_model(address.model_id).artifact_location
            else:
                version = self.version(address)
                location, registered = version.storage_location or version.source, True
        raise BadInput(f"{uri!r} leads from one address to another and never to files")

    def version(self, address: uris.ModelUri) -> ModelVersion:
        """Return the version that a ``models:/<name>…`` address means. Raises: NotFound."""
        if address.version is not None:
            return self._registry.get_model_version(address.name, address.version)
        if address.alias is not None:
            return self._registry.get_version_by_alias(address.name, address.alias)
        stages = () if address.stage is None else (address.stage,)
        found = self._registry.get_latest_versions(address.name, stages)
        if not found:
            what = f"in stage {address.stage}" if address.stage else "at all"
            raise NotFound(f"the model {address.name!r} has no version {what}")
        return max(found, key=lambda version: version.version)
