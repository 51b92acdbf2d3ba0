"""Where things live here: numbers of experiments, and roots of artifacts, old and new."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec.structs import replace

from mainstay import uris
from mainstay.entities.logged_models import LoggedModel
from mainstay.entities.registry import ModelVersion
from mainstay.entities.runs import Run
from mainstay.errors import BadInput
from mainstay.importing.files import Files
from mainstay.stores.sql.experiments import below

LISTS_FILES = ("mlflow.log-model.history", "mlflow.loggedArtifacts")
"""Tags by which MLflow says that a run has files."""

_IDS = re.compile(r"(?:m-)?[0-9a-f]{32}")


class Root(msgspec.Struct, frozen=True):
    """A root of artifacts, before and now; ``expected`` says that files must be there."""

    identity: str
    old: str
    new: str
    expected: bool


class Homes:
    """Translates addresses. Copied files live below their experiment; others stay where they are.

    ``files`` finds where an old root is now.
    """

    def __init__(self, *, copied: bool, files: Files) -> None:
        self.copied = copied
        self._files = files
        self._experiments: dict[str, Any] = {}
        self._roots: dict[str, Root] = {}

    def place_experiment(self, old_id: str, row: Any) -> None:
        """Remember the row that stands for an experiment of the source."""
        self._experiments[old_id] = row

    def experiment(self, old_id: str) -> Any:
        """Return the row that stands for an experiment of the source."""
        return self._experiments[old_id]

    def run_root(self, run: Run) -> str:
        """Return the root of a run's artifacts, and remember it."""
        info, tags = run.info, run.data.tags
        expected = any(tag in tags for tag in LISTS_FILES)
        path = info.run_id
        return self._root(info.run_id, info.artifact_uri, info.experiment_id, path, expected)

    def model_root(self, model: LoggedModel) -> str:
        """Return the root of a logged model's files, and remember it."""
        path = f"models/{model.model_id}"
        ready = model.status == "READY"
        return self._root(model.model_id, model.artifact_location, model.experiment_id, path, ready)

    def roots(self) -> list[Root]:
        """Return every root that was asked for."""
        return list(self._roots.values())

    def knows(self, identity: str | None) -> bool:
        """Tell whether a run or model was brought."""
        return identity in self._roots

    def holds(self, address: str) -> bool:
        """Tell whether an address is below the new root of a run or model that was brought."""
        roots = (self._roots.get(identity) for identity in _IDS.findall(address))
        return any(
            root and root.expected and _below(address, root.new) is not None for root in roots
        )

    def version(self, version: ModelVersion) -> ModelVersion:
        """Return a version with its addresses as they are here."""
        location = self._location(version.storage_location or version.source)
        return replace(version, source=self._moved(version.source), storage_location=location)

    def _root(self, identity: str, old: str, experiment: str, path: str, expected: bool) -> str:
        if self.copied:
            new = below(self._experiments[experiment].artifact_location, f"{path}/artifacts")
        else:
            new = self._files.current(old)
        self._roots[identity] = Root(identity, old, new, expected)
        return new

    def _location(self, address: str) -> str | None:
        """Return where files are, following ``runs:`` and ``models:/m-…`` to their roots."""
        try:
            parsed = uris.parse(address)
        except BadInput:
            return None
        if isinstance(parsed, uris.RunUri):
            root = self._roots.get(parsed.run_id)
            return below(root.new, parsed.path).rstrip("/") if root else None
        if isinstance(parsed, uris.ModelUri):
            root = self._roots.get(parsed.model_id or "")
            return root.new if root else None
        return self._moved(address)

    def _moved(self, address: str) -> str:
        """Return an address below a root that moved as it is now; any other as it was."""
        for identity in _IDS.findall(address):
            root = self._roots.get(identity)
            rest = _below(address, root.old) if root else None
            if root and rest is not None:
                return below(root.new, rest) if rest else root.new
        return address


def _below(address: str, root: str) -> str | None:
    """Return what follows a root in an address, however the two are written; None if nothing."""
    for one, other in ((address, root), (_plain(address), _plain(root))):
        other = other.rstrip("/")
        if one == other or one.startswith(f"{other}/"):
            return one[len(other) :].strip("/")
    return None


def _plain(address: str) -> str:
    path = uris.local_path(address)
    return address if path is None else path.as_posix()
