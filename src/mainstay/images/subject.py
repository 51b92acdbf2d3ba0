"""Which model may go into an image: a registered version; anything else only when it is asked for.

Runs are not deployed. A version, an alias or a stage is what gates, lineage and audit know, so a
run, a logged model or a path takes ``unregistered=True``, and the image says so for ever.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

import mainstay
from mainstay.errors import BadInput
from mainstay.models import loading
from mainstay.models.sources import ModelStores
from mainstay.models.trust import Trust
from mainstay.packaging import manifest
from mainstay.packaging.image_card import ImageCard


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A model that goes into an image: its card, and its verified files on this machine."""

    card: ImageCard
    folder: Path


def choose(
    uri: str,
    *,
    stores: ModelStores,
    unregistered: bool = False,
    trust: Trust = None,
) -> Subject:
    """Fetch and verify the model at ``uri``. Nothing of it runs here.

    The image will load it without asking again, so trust is decided now, by the rules of every
    load. Raises: BadInput (not registered, and not asked for as such), UntrustedModel, NotFound,
    AliasNotFound, InvalidModel.
    """
    opened = loading.open_model(uri, stores=stores)
    found = opened.resolved
    if found.version is None and not unregistered:
        raise BadInput(
            f"{uri} is no registered version: runs and folders are not deployed. Register it "
            f"(mainstay models register {uri} --name NAME) and give models:/NAME/VERSION, an alias "
            "or a stage; or say --unregistered, and the image is labelled so"
        )
    loading.admit(opened, trust)
    card = ImageCard(
        name=found.name or _short(uri, opened.folder),
        version=found.version,
        uri=f"models:/{found.name}/{found.version}" if found.version else found.source,
        asked=uri,
        digest=manifest.digest(manifest.build(opened.folder)),
        run_id=found.run_id,
        mainstay=mainstay.__version__,
    )
    return Subject(card=card, folder=opened.folder)


def _short(uri: str, folder: Path) -> str:
    last = uri.rstrip("/").rpartition("/")[2]
    return last if last not in ("", ".", "..") else folder.resolve().name or "model"
