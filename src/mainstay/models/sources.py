"""What a model address means: a version, a logged model, a folder of a run, or a plain folder."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import msgspec

from mainstay import uris
from mainstay.artifact_store.base import ArtifactStore
from mainstay.entities.registry import ModelVersion
from mainstay.errors import NotFound
from mainstay.models.trust import Origin
from mainstay.stores.base.accounts import AccountStore
from mainstay.stores.base.registry import RegistryStore
from mainstay.stores.base.release import ReleaseStore
from mainstay.stores.base.tracking import TrackingStore


class ModelStores(Protocol):
    """What is needed to find and fetch models; ``mainstay.connect`` gives it."""

    @property
    def uri(self) -> str:
        """The address, for messages."""
        ...

    @property
    def tracking(self) -> TrackingStore:
        """Runs and logged models."""
        ...

    @property
    def registry(self) -> RegistryStore:
        """Registered models."""
        ...

    @property
    def release(self) -> ReleaseStore:
        """Evidence of versions: their signatures."""
        ...

    @property
    def accounts(self) -> AccountStore | None:
        """The users of a database that is used directly; None for a server, which keeps its own."""
        ...

    def artifacts_at(self, uri: str) -> ArtifactStore:
        """Return the artifact store at a root."""
        ...


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What an address means now.

    ``source`` loads the same model again, ``location`` is where the files are. ``digest`` is that
    of a registered version's files. ``origin`` says whether the configured server named it.
    """

    source: str
    location: str
    name: str | None = None
    version: int | None = None
    run_id: str | None = None
    model_id: str | None = None
    digest: str | None = None
    origin: Origin = "elsewhere"

    def __str__(self) -> str:
        return f"{self.name} version {self.version}" if self.version else self.source


def is_local(uri: str) -> Path | None:
    """Return the folder that a path or ``file:`` address names; None for any other address."""
    parsed = uris.parse(uri)
    return uris.local_path(uri) if isinstance(parsed, uris.PlainUri) else None


def resolve(uri: str, stores: ModelStores) -> Resolved:
    """Return what ``uri`` means now.

    Raises:
        BadInput: it is no address. NotFound, AliasNotFound: it names nothing.
    """
    parsed = uris.parse(uri)
    if isinstance(parsed, uris.PlainUri):
        return Resolved(source=uri, location=uri)
    if isinstance(parsed, uris.RunUri):
        return _of_run(uri, parsed, stores)
    if parsed.model_id is not None:
        return _logged(parsed.model_id, stores)
    version = _version(parsed, stores.registry)
    return Resolved(
        source=version.uri,
        location=version.storage_location or version.source,
        name=version.name,
        version=version.version,
        run_id=version.run_id,
        model_id=version.model_id,
        digest=version.digest,
        origin="server",
    )


def _logged(model_id: str, stores: ModelStores) -> Resolved:
    model = stores.tracking.get_logged_model(model_id)
    if model.status != "READY":
        why = "its files did not all arrive" if model.status == "FAILED" else "it is not finished"
        raise NotFound(f"the logged model {model_id} cannot be loaded: {why} ({model.status})")
    return Resolved(
        source=model.model_uri,
        location=model.artifact_location,
        run_id=model.source_run_id,
        model_id=model_id,
        origin="server",
    )


def _of_run(uri: str, parsed: uris.RunUri, stores: ModelStores) -> Resolved:
    """Return the run's logged model of that name, the newest, else its files at that path."""
    run = stores.tracking.get_run(parsed.run_id)
    for output in reversed(run.outputs.model_outputs):
        try:
            model = stores.tracking.get_logged_model(output.model_id)
        except NotFound:  # deleted since
            continue
        if model.name == parsed.path:
            return _logged(model.model_id, stores)
    root = run.info.artifact_uri.rstrip("/")
    return Resolved(
        source=uri,
        location=f"{root}/{parsed.path}".rstrip("/"),
        run_id=parsed.run_id,
        origin="server",
    )


def _version(address: uris.ModelUri, registry: RegistryStore) -> ModelVersion:
    if address.version is not None:
        return registry.get_model_version(address.name, address.version)
    if address.alias is not None:
        return registry.get_version_by_alias(address.name, address.alias)
    stages = () if address.stage is None else (address.stage,)
    found = registry.get_latest_versions(address.name, stages)
    if not found:
        what = f"in the stage {address.stage}" if address.stage else "at all"
        raise NotFound(f"the model {address.name!r} has no version {what}")
    return max(found, key=lambda version: version.version)
