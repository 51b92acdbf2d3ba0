"""Load a model from any address: resolve, fetch and verify, ask for trust, load.

``models:/churn/3``, ``models:/churn@champion``, ``models:/churn/Production``,
``models:/churn/latest``, ``models:/m-…``, ``runs:/<run>/<name>``, paths and URLs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from mainstay.entities.accounts import Recorder
from mainstay.entities.release import Evidence
from mainstay.errors import InvalidModel, MainstayError
from mainstay.models import asked, cache, recorders, signatures, sources
from mainstay.models import trust as door
from mainstay.models.flavors import FLAVORS
from mainstay.models.flavors.base import Flavor
from mainstay.models.flavors.pyfunc import LOADER
from mainstay.models.predictor import PyFuncModel
from mainstay.models.sources import ModelStores, Resolved
from mainstay.models.trust import Trust
from mainstay.packaging import manifest, mlmodel
from mainstay.packaging.mlmodel import MLmodel

__all__ = ["Opened", "Resolved", "download", "load_model", "load_native", "open_model", "resolve"]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A model's files on this machine, read but not loaded: nothing of it has run."""

    folder: Path
    metadata: MLmodel
    resolved: Resolved
    where: str = ""
    signatures: list[Evidence] = []
    """What the registry holds of its signatures, where the load asks for one."""
    recorder: Callable[[], Recorder] | None = None
    """Asks who recorded it; only a load that runs code does."""


def load_model(
    uri: str,
    *,
    trust: Trust = None,
    stores: ModelStores | None = None,
    tracking_uri: str | None = None,
    model_config: Mapping[str, Any] | None = None,
    strict: bool = False,
) -> PyFuncModel:
    """Load the model at ``uri`` as a function of data.

    ``stores`` or ``tracking_uri`` say where addresses are looked up; default: where runs go.
    ``trust``: True vouches for a model that runs code when it loads, see ``models.trust``.
    ``strict``: JSON's 2.0 is no integer; by default it is, as in MLflow.
    Raises: NotFound, AliasNotFound, BadInput (the address), InvalidModel (the files),
    UntrustedModel.
    """
    opened = open_model(uri, stores=stores, tracking_uri=tracking_uri, trust=trust)
    flavor = _flavor(opened.metadata)
    loaded = _load(opened, flavor, trust, model_config)
    predict = flavor.predictor(loaded, opened.metadata)
    return PyFuncModel(
        predict,
        loaded,
        metadata=opened.metadata,
        path=opened.folder,
        uri=opened.resolved.source,
        strict=strict,
    )


def load_native(
    uri: str,
    flavor: str,
    *,
    trust: Trust = None,
    stores: ModelStores | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Load the library's own object (a scikit-learn pipeline, say). Raises: as ``load_model``."""
    opened = open_model(uri, stores=stores, tracking_uri=tracking_uri, trust=trust)
    if flavor not in opened.metadata.flavors:
        have = ", ".join(sorted(opened.metadata.flavors))
        raise InvalidModel(f"{opened.resolved} is no {flavor} model; its flavors are: {have}")
    return _load(opened, FLAVORS.get(flavor), trust, None)


def open_model(
    uri: str,
    *,
    stores: ModelStores | None = None,
    tracking_uri: str | None = None,
    trust: Trust = None,
) -> Opened:
    """Find, fetch and verify the model at ``uri``, and read its MLmodel; nothing of it runs.

    ``trust`` is that of the load to come: where it asks for a signature, those recorded are read.
    """
    local = sources.is_local(uri)
    if local is not None:
        found = Resolved(source=uri, location=uri)
        return Opened(folder=local, metadata=mlmodel.read(local), resolved=found)

    def recorder() -> Recorder:
        with using(stores, tracking_uri) as chosen:
            return recorders.recorder(found, chosen)

    with using(stores, tracking_uri) as chosen:
        found = resolve(uri, chosen)
        folder = _fetch(found, chosen)
        return Opened(
            folder=folder,
            metadata=mlmodel.read(folder),
            resolved=found,
            where=chosen.uri,
            signatures=signatures.recorded(found, chosen) if door.signed(trust) else [],
            recorder=recorder,
        )


def admit(opened: Opened, wanted: Trust = None) -> None:
    """Decide as a load would whether the model may run code, without loading it.

    Raises: UntrustedModel, InvalidModel.
    """
    _ask(opened, _flavor(opened.metadata), wanted)


def resolve(uri: str, stores: ModelStores) -> Resolved:
    """Return what an address means now. Raises: BadInput, NotFound, AliasNotFound."""
    return sources.resolve(uri, stores)


def download(uri: str, stores: ModelStores | None = None) -> Path:
    """Return a local folder with the model's files, verified by digest; nothing of it runs.

    Raises:
        NotFound, BadInput, InvalidModel: as ``load_model``.
    """
    return open_model(uri, stores=stores).folder


@contextmanager
def using(stores: ModelStores | None, tracking_uri: str | None = None) -> Iterator[ModelStores]:
    """Give stores: those passed in, those at an address, or those that runs go to."""
    if stores is not None:
        yield stores
    elif tracking_uri is not None:
        from mainstay.connect import connect

        with connect(tracking_uri) as opened:
            yield opened
    else:
        from mainstay.fluent.session import session

        yield session().stores


def _fetch(found: Resolved, stores: ModelStores) -> Path:
    local = sources.is_local(found.location)
    if local is not None:
        # The files are on this machine already; a registered version is checked where it lies.
        if found.digest is not None:
            manifest.verify(local, found.digest)
        return local
    store = stores.artifacts_at(found.location)
    return cache.fetch(store, digest=found.digest, title=str(found))


def _flavor(metadata: MLmodel) -> Flavor:
    """Return the flavor that MLmodel's loader module stands for."""
    module = metadata.loader_module
    if not module:
        have = ", ".join(sorted(metadata.flavors))
        raise InvalidModel(
            f"the model has no python_function flavor (it has {have}); load it with its library's "
            "own module"
        )
    package, _, name = module.partition(".")
    if package in ("mlflow", "mainstay") and module != LOADER and name in FLAVORS.names():
        return FLAVORS.get(name)
    for section in metadata.flavors:
        # A third party's flavor names its own package, which stock MLflow loads by itself.
        if section in FLAVORS.names() and FLAVORS.module(section).partition(".")[0] == package:
            return FLAVORS.get(section)
    return FLAVORS.get("pyfunc")


def _load(
    opened: Opened, flavor: Flavor, wanted: Trust, model_config: Mapping[str, Any] | None
) -> Any:
    metadata, folder = opened.metadata, opened.folder
    code = metadata.pyfunc.get("code")
    _ask(opened, flavor, wanted)
    if code:
        sys.path.insert(0, str(mlmodel.inside(folder, str(code))))
    config = {**(metadata.pyfunc.get("config") or {}), **(model_config or {})}
    return flavor.load(folder, metadata, config)


def _ask(opened: Opened, flavor: Flavor, wanted: Trust) -> None:
    metadata = opened.metadata
    code = metadata.pyfunc.get("code")
    asks = list(asked.of(opened.folder, metadata, flavor))
    if code:
        asks.append(f"the Python files under {code}/")
    if asks:
        digest = None if wanted is True else _digest(opened)
        door.admit(
            asks,
            what=str(opened.resolved),
            origin=opened.resolved.origin,
            where=opened.where,
            trust=wanted,
            digest=digest,
            recorder=opened.recorder,
            signer=lambda: signatures.signer(
                opened.folder,
                opened.signatures,
                opened.resolved.digest,
                signatures.trusted_keys(),
            ),
        )


def _digest(opened: Opened) -> str | None:
    """Return the digest of a local folder's files, to tell what this process wrote itself."""
    if opened.resolved.origin == "server":
        return opened.resolved.digest
    try:
        return manifest.digest(manifest.build(opened.folder))
    except MainstayError:
        return None
