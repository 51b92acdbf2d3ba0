"""Copy a version to another model or another server: files, signatures, tags, and where it is from.

Between servers the files travel, are checked against the recorded digest on this machine, and the
copy must get the same digest there. Runs do not travel; the tags ``mainstay.copied.*`` name them.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from msgspec.structs import replace

from mainstay import uris
from mainstay.artifact_store.transfer import download_tree
from mainstay.client import Client
from mainstay.connect.stores import Stores
from mainstay.entities.registry import ModelVersion
from mainstay.errors import (
    AlreadyExists,
    BadInput,
    Conflict,
    InvalidModel,
    NotFound,
    NotImplementedHere,
)
from mainstay.packaging import manifest
from mainstay.promotion import signatures

TAG = "mainstay.copied."
EXPERIMENT = "Copied models"
"""Where copies from other servers are kept as logged models."""


def copy_version(source: Stores, target: Stores, model_uri: str, name: str) -> ModelVersion:
    """Make the version at ``model_uri`` the next one of ``name`` at ``target``, and return it.

    The model is created if it is not there. Aliases and evidence stay behind; signatures, which
    prove themselves, come along.
    Raises: NotFound, BadInput (no version), InvalidModel (damaged files), Conflict (the copy has
    other files than the original; it is deleted again).
    """
    client = Client(stores=target)
    version = _resolve(source, model_uri)
    if source.registry_uri == target.registry_uri:
        made = client.copy_model_version(version.uri, name)
        for key, value in _origin(version, source).items():
            client.set_model_version_tag(name, made.version, key, value)
    else:
        made = _carry(source, client, version, name)
    if version.digest and made.digest and version.digest != made.digest:
        client.delete_model_version(name, made.version)
        raise Conflict(
            f"the copy of {version.uri} has the digest {made.digest[:12]}… and not "
            f"{version.digest[:12]}…; it was deleted again"
        )
    _bring_signatures(source, target, version, made)
    return client.get_model_version(name, made.version)


def _resolve(source: Stores, model_uri: str) -> ModelVersion:
    parsed = uris.parse(model_uri)
    if not isinstance(parsed, uris.ModelUri) or parsed.model_id:
        raise BadInput(f"{model_uri!r} names no version; write models:/<name>/<version>, or @alias")
    return Client(stores=source).resolve(parsed)


def _carry(source: Stores, target: Client, version: ModelVersion, name: str) -> ModelVersion:
    with tempfile.TemporaryDirectory(prefix="mainstay-copy-") as place:
        folder = Path(place) / "model"
        folder.mkdir(mode=0o700)
        download_tree(source.artifacts_at(version.uri), "", folder)
        entries = manifest.verify(folder, version.digest)
        if not entries:
            raise NotFound(f"{version.uri} has no files to copy")
        version = replace(version, digest=manifest.digest(entries))
        logged = target.create_logged_model(
            _experiment(target), name=_logged_name(name), tags=_origin(version, source)
        )
        try:
            target.log_model_artifacts(logged.model_id, folder)
        except BaseException:
            target.finalize_logged_model(logged.model_id, "FAILED")
            raise
        target.finalize_logged_model(logged.model_id)
    with contextlib.suppress(AlreadyExists):
        target.create_registered_model(name)
    made = target.create_model_version(
        name,
        f"models:/{logged.model_id}",
        tags={**version.tags, **_origin(version, source)},
        description=version.description,
        model_id=logged.model_id,
    )
    if made.digest not in (None, version.digest):
        target.delete_model_version(name, made.version)
        raise InvalidModel(f"the files of {version.uri} did not arrive as they are; try again")
    return made


def _origin(version: ModelVersion, source: Stores) -> dict[str, str]:
    """Return where a copy comes from, as tags."""
    known = {
        "uri": version.uri,
        "server": source.registry_uri,
        "digest": version.digest or "",
        "run_id": version.run_id or "",
    }
    return {TAG + key: value for key, value in known.items() if value}


def _bring_signatures(
    source: Stores, target: Stores, version: ModelVersion, made: ModelVersion
) -> None:
    """Keep the signatures of a version for its copy; a server that keeps none has none."""
    with contextlib.suppress(NotFound, NotImplementedHere):
        found = signatures.of(source.release.list_evidence(version.name, version.version))
        moved = [signatures.moved(item, made.name, made.version) for item in found]
        if moved:
            target.release.record_evidence(moved)


def _experiment(target: Client) -> str:
    found = target.get_experiment_by_name(EXPERIMENT)
    return found.experiment_id if found else target.create_experiment(EXPERIMENT)


def _logged_name(name: str) -> str:
    """Return a logged model's name, which allows less than a registered one's."""
    return "".join("-" if mark in "/:.%\"'" else mark for mark in name) or "model"
