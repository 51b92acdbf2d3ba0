"""Where a model version's files lie, and whether its source may be what it claims.

A source on the server's own disk would let anybody read any of its folders through a version, so
it must lie inside the artifact folder of the run that is named with it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from mainstay import uris
from mainstay.artifact_store import paths
from mainstay.artifact_store.object import SCHEMES
from mainstay.entities.registry import ModelVersion
from mainstay.errors import BadInput, MainstayError, NotFound
from mainstay.server.context import Context
from mainstay.server.files import Place, proxied_path
from mainstay.server.ledger import SCHEME


def locate(context: Context, source: str, *, run_id: str | None) -> str:
    """Return the location of a source's files.

    ``models:/`` and ``runs:/`` sources are followed; proxied ones get their plain form.
    Raises: BadInput (a source that may not be used), NotFound (what it names).
    """
    parsed = uris.parse(source)
    if isinstance(parsed, uris.ModelUri):
        return _of_model(context, parsed)
    if isinstance(parsed, uris.RunUri):
        root = context.tracking.get_run(parsed.run_id).info.artifact_uri
        return f"{root.rstrip('/')}/{paths.clean(parsed.path)}".rstrip("/")
    parts = urlsplit(source)
    if parts.scheme == "mlflow-artifacts" and not parts.netloc:
        path = paths.clean(proxied_path(source))
        if not path:
            raise BadInput(f"Invalid model version source: {source!r} is the root of all artifacts")
        return SCHEME + path
    local = uris.local_path(source)
    if local is not None:
        _check_local(context, source, local, run_id)
    elif ".." in parts.path.split("/") or "\0" in source:
        raise BadInput(f"Invalid model version source: {source!r} has parent parts")
    return source


def place_of(context: Context, version: ModelVersion) -> Place:
    """Return where a version's files can be read by this server.

    The source is checked again: a row that got into the database some other way opens no door.
    Raises: NotFound if the server cannot, or must not, read it.
    """
    location = version.storage_location or version.source
    try:
        if uris.local_path(location) is not None:
            locate(context, location, run_id=version.run_id)
        elif urlsplit(location).scheme not in ("mlflow-artifacts", *SCHEMES):
            raise BadInput(f"this server does not read {location!r}")
        return context.files.at(location)
    except MainstayError as error:
        raise NotFound(
            f"the files of {version.name} v{version.version} cannot be read here: {error.message}"
        ) from error


def _of_model(context: Context, address: uris.ModelUri) -> str:
    if address.model_id is not None:
        return context.tracking.get_logged_model(address.model_id).artifact_location
    if address.version is not None:
        found = context.registry.get_model_version(address.name, address.version)
    elif address.alias is not None or address.latest:
        found = context.registry.get_version_by_alias(address.name, address.alias or "latest")
    else:
        raise BadInput("Invalid model version source: name a version or an alias, not a stage")
    return found.storage_location or found.source


def _check_local(context: Context, source: str, local: Path, run_id: str | None) -> None:
    refusal = BadInput(
        f"Invalid model version source: {source!r}. To use a local path as a model version "
        "source, the run_id request parameter has to be specified and the local path has to be "
        "contained within the artifact directory of the run specified by the run_id."
    )
    host = urlsplit(source).netloc if source.lower().startswith("file:") else ""
    text = str(local)
    if run_id is None or host or "\0" in text or ".." in local.parts or not local.is_absolute():
        raise refusal
    root = uris.local_path(context.tracking.get_run(run_id).info.artifact_uri)
    if root is None or not local.resolve().is_relative_to(root.resolve()):
        raise refusal
