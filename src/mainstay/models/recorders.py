"""Who recorded the model that an address names, as its server or database tells."""

from __future__ import annotations

from mainstay.entities.accounts import Recorder
from mainstay.errors import BadInput, MethodNotAllowed, NotFound, NotImplementedHere
from mainstay.models.sources import ModelStores, Resolved
from mainstay.provenance.recorders import judged


def recorder(found: Resolved, stores: ModelStores) -> Recorder:
    """Return who recorded a version, else a logged model, else a run, judged.

    A server judges by its own accounts. A database that is used directly is judged here: whoever
    reaches it may write to it, so an anonymous record in it is as good as any. A server that tells
    nobody (MLflow's) is not known to have been asked by anybody.
    """
    try:
        told = _asked(found, stores)
    except (NotFound, NotImplementedHere, BadInput, MethodNotAllowed):
        return Recorder(why=f"{stores.uri} does not say who recorded it")
    accounts = stores.accounts
    return told if accounts is None else judged(told, accounts, anonymous=True)


def _asked(found: Resolved, stores: ModelStores) -> Recorder:
    if found.name is not None and found.version is not None:
        return stores.registry.get_version_recorder(found.name, found.version)
    if found.model_id is not None:
        return stores.tracking.get_logged_model_recorder(found.model_id)
    return stores.tracking.get_run_recorder(found.run_id or "")
