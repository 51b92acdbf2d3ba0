"""Where data come from: written with a data set, and read again from it."""

from __future__ import annotations

import json
import shutil
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from mainstay import uris
from mainstay.capture.source import source as running
from mainstay.errors import BadInput, NotFound, Unavailable


class DatasetSource:
    """Where data came from: a kind, and what is needed to find them."""

    def __init__(self, kind: str, where: dict[str, Any]) -> None:
        self.kind = kind
        self.where = where

    @property
    def uri(self) -> str:
        """The address or path; empty where it has none (data that code made)."""
        known = (self.where.get(key) for key in ("uri", "url", "path"))
        return next((str(value) for value in known if value), "")

    def to_dict(self) -> dict[str, Any]:
        """Return what is needed to find the data."""
        return dict(self.where)

    def load(self, dst_path: str | None = None) -> str:
        """Return the local path of the data, downloaded if they are elsewhere.

        Raises: BadInput (no address to read again from), NotFound, Unavailable.
        """
        local = uris.local_path(self.uri) if self.uri else None
        if local is not None and self.kind != "hugging_face":
            if not local.exists():
                raise NotFound(f"the data are no longer at {local}")
            return str(local)
        if self.kind not in ("http", "s3", "gs", "abfss", "wasbs"):
            raise BadInput(
                f"data of the kind {self.kind!r} cannot be fetched by their address alone"
            )
        target = Path(dst_path or tempfile.mkdtemp(prefix="mainstay-"))
        target.mkdir(parents=True, exist_ok=True)
        return str(self._fetch(target))

    def _fetch(self, target: Path) -> Path:
        head, _, name = self.uri.rstrip("/").rpartition("/")
        if self.kind != "http":
            from mainstay.artifact_store.object import open_store
            from mainstay.artifact_store.transfer import download_tree

            return download_tree(open_store(head), name, target)
        try:
            with urllib.request.urlopen(self.uri) as answer, (target / name).open("wb") as out:
                shutil.copyfileobj(answer, out)
        except OSError as error:
            raise Unavailable(f"{self.uri} cannot be read: {error}") from error
        return target / name

    def __repr__(self) -> str:
        return f"<source {self.kind} {self.uri}>"


def get_source(dataset: Any) -> DatasetSource:
    """Return where a logged data set came from: a record, a run's input, or a described one."""
    record = getattr(dataset, "dataset", getattr(dataset, "record", dataset))
    return DatasetSource(record.source_type, json.loads(record.source))


def source_of(source: Any) -> tuple[str, str]:
    """Return type and JSON of where data came from, in MLflow's words."""
    if source is None:
        name, _ = running()
        return "code", json.dumps({"tags": {"mlflow.source.name": name}})
    text = str(source)
    scheme = text.partition("://")[0] if "://" in text else ""
    kinds = {"": "local", "file": "local", "s3": "s3", "http": "http", "https": "http"}
    kind = kinds.get(scheme, scheme)
    return kind, json.dumps({"url": text} if kind == "http" else {"uri": text})
