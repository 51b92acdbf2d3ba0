"""The address forms of models, runs and artifacts, read once into records.

``models:/churn/3``, ``models:/churn@champion``, ``models:/churn/Production``,
``models:/churn/latest``, ``models:/m-<32 hex>``, ``runs:/<run id>/<path>``,
``mlflow-artifacts:/<path>``, and paths and other URLs.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from mainstay.errors import BadInput

STAGES = ("None", "Staging", "Production", "Archived")
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}\Z")


class ModelUri(msgspec.Struct, frozen=True, kw_only=True):
    """A ``models:/`` address; of the last five fields exactly one is given."""

    name: str = ""
    version: int | None = None
    alias: str | None = None
    stage: str | None = None
    latest: bool = False
    model_id: str | None = None


class RunUri(msgspec.Struct, frozen=True, kw_only=True):
    """A ``runs:/<run id>/<path>`` address."""

    run_id: str
    path: str = ""


class PlainUri(msgspec.Struct, frozen=True, kw_only=True):
    """A path, or a URL of an artifact store."""

    uri: str
    scheme: str = ""


Uri = ModelUri | RunUri | PlainUri


def parse(text: str) -> Uri:
    """Read an address.

    >>> parse("models:/churn@champion").alias
    'champion'
    >>> parse("models:/churn/3").version
    3
    >>> parse("runs:/0af1/model").path
    'model'

    Raises:
        BadInput: the text is empty or not an address of the form that it begins as.
    """
    if not text or not text.strip():
        raise BadInput("a model or artifact address is empty; give a path, models:/… or runs:/…")
    scheme, colon, rest = text.partition(":")
    if colon and scheme == "models":
        return _model(text, rest.lstrip("/"))
    if colon and scheme == "runs":
        run_id, _, path = rest.lstrip("/").partition("/")
        if not run_id:
            raise BadInput(f"{text!r} names no run; write runs:/<run id>/<path>")
        return RunUri(run_id=run_id, path=path.strip("/"))
    return PlainUri(uri=text, scheme=urlsplit(text).scheme if colon and len(scheme) > 1 else "")


def local_path(uri: str) -> Path | None:
    """Return the path that a bare path or ``file:`` URI names, else None."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        path = unquote(parts.path)
        # file:///C:/x names C:/x
        return Path(path[1:] if re.match(r"/[A-Za-z]:", path) else path)
    if parts.scheme and len(parts.scheme) > 1:
        return None
    return Path(uri)


def absolute(uri: str) -> str:
    """Return an address that means the same from any folder: of a SQLite file, the whole path.

    >>> absolute("http://localhost:5000")
    'http://localhost:5000'
    """
    scheme, found, name = uri.partition(":///")
    if not found or not scheme.startswith("sqlite") or name.startswith("/") or not name:
        return uri
    return f"{scheme}:///{Path(name).resolve()}"


def _model(text: str, rest: str) -> ModelUri:
    if _MODEL_ID.match(rest):
        return ModelUri(model_id=rest)
    name, at, alias = rest.rpartition("@")
    if at and name and alias and "/" not in alias:
        return ModelUri(name=name, alias=alias)
    name, slash, tail = rest.partition("/")
    if not (slash and name and tail) or "/" in tail:
        raise BadInput(
            f"{text!r} is not a model address; write models:/<name>/<version>, "
            "models:/<name>@<alias>, models:/<name>/<stage>, models:/<name>/latest "
            "or models:/m-<id>"
        )
    if tail.isdigit():
        return ModelUri(name=name, version=int(tail))
    if tail.lower() == "latest":
        return ModelUri(name=name, latest=True)
    stage = next((known for known in STAGES if known.lower() == tail.lower()), None)
    if stage is None:
        raise BadInput(
            f"{text!r}: {tail!r} is neither a version, nor 'latest', nor one of the stages "
            f"{', '.join(STAGES)}; an alias is written models:/{name}@{tail}"
        )
    return ModelUri(name=name, stage=stage)
