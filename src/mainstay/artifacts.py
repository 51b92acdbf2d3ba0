"""Files of runs and models, by address: ``mainstay.artifacts``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from mainstay import uris
from mainstay.artifact_store.base import ArtifactStore
from mainstay.client import Client
from mainstay.entities.artifacts import FileInfo
from mainstay.errors import BadInput
from mainstay.fluent.session import session


def download_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    dst_path: str | Path | None = None,
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> str:
    """Download a file or folder, and return where it is now.

    Give ``artifact_uri`` (``runs:/…``, ``models:/…``, ``mlflow-artifacts:/…``, another store, or a
    path) or ``run_id`` with ``artifact_path``. Raises: NotFound, BadInput.
    """
    from mainstay.artifact_store.transfer import download_tree

    store, path = _locate(artifact_uri, run_id, artifact_path, tracking_uri, registry_uri)
    target = Path(dst_path) if dst_path else Path(tempfile.mkdtemp(prefix="mainstay-"))
    target.mkdir(parents=True, exist_ok=True)
    return str(download_tree(store, path, target))


def list_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    tracking_uri: str | None = None,
) -> list[FileInfo]:
    """Return the files and folders directly below an address or a run's path."""
    store, path = _locate(artifact_uri, run_id, artifact_path, tracking_uri)
    return store.list(path)


def load_text(artifact_uri: str) -> str:
    """Return a text file. Raises: NotFound, BadInput if it is not UTF-8."""
    store, path = _locate(artifact_uri, None, None, None)
    try:
        return b"".join(store.read(path)).decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"{artifact_uri} is not a text file: {error}") from error


def load_dict(artifact_uri: str) -> Any:
    """Return a JSON or YAML file's content. Raises: NotFound, BadInput if it is neither."""
    text = load_text(artifact_uri)
    if artifact_uri.lower().endswith((".yml", ".yaml")):
        import yaml

        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise BadInput(f"{artifact_uri} is not YAML: {error}") from error
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput(f"{artifact_uri} is not JSON: {error}") from error


def load_image(artifact_uri: str) -> Any:
    """Return a picture as a PIL image. Raises: NotFound, BadInput if it is none."""
    from mainstay.client.images import opened

    store, path = _locate(artifact_uri, None, None, None)
    return opened(b"".join(store.read(path)))


def _locate(
    artifact_uri: str | None,
    run_id: str | None,
    artifact_path: str | None,
    tracking_uri: str | None,
    registry_uri: str | None = None,
) -> tuple[ArtifactStore, str]:
    """Return a store and the path in it."""
    if (artifact_uri is None) == (run_id is None):
        raise BadInput("give either artifact_uri or run_id")
    own = session().client
    elsewhere = tracking_uri or registry_uri
    client = Client(tracking_uri or own.tracking_uri, registry_uri) if elsewhere else own
    if run_id is not None:
        return client.artifacts_of(run_id=run_id), artifact_path or ""
    parsed = uris.parse(artifact_uri or "")
    if isinstance(parsed, uris.RunUri):
        return client.artifacts_of(run_id=parsed.run_id), parsed.path
    if isinstance(parsed, uris.ModelUri):
        source, _, model_id = client.locate(artifact_uri or "")
        if model_id is not None:
            return client.artifacts_of(model_id=model_id), ""
        return client.stores.artifacts_at(source), ""
    local = uris.local_path(parsed.uri)
    if local is not None and local.is_file():
        return client.stores.artifacts_at(str(local.parent)), local.name
    head, _, name = parsed.uri.rstrip("/").rpartition("/")
    if "." in name and local is None:
        return client.stores.artifacts_at(head), name
    return client.stores.artifacts_at(parsed.uri), ""
