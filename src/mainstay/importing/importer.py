"""Bring a source into a database, step by step, so that a second start goes on where one ended.

Each step is a transaction or a file, and natural keys say what is done: run and model ids, names,
version numbers, points, and the recorded hash of a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from mainstay.entities.accounts import Principal
from mainstay.entities.experiments import Experiment
from mainstay.entities.metrics import Metric
from mainstay.entities.registry import ModelVersion
from mainstay.errors import BadInput
from mainstay.importing.carrying import Carrier, Progress
from mainstay.importing.compare import Comparison
from mainstay.importing.files import Files
from mainstay.importing.gathering import Gathering
from mainstay.importing.homes import Homes
from mainstay.importing.source import FoundModel, FoundRegistered, FoundRun, Source
from mainstay.importing.tally import Row, Tally
from mainstay.stores.sql import bulk, bulk_inputs, bulk_registry
from mainstay.stores.sql.database import Database

OLD_ID = "mainstay.imported.experiment_id"
"""The tag of an experiment whose id was taken here."""

AT_ONCE = 50
SAME_MOMENT = 1000
"""Milliseconds within which a run was deleted together with its experiment."""

BY = Principal(name="import", role="admin", authenticated=True)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an import found on both sides.

    ``notes`` are sentences on what was left, missing or decided; ``missing`` counts artifact roots
    that should have files and have none that can be read.
    """

    source: str
    about: str
    rows: list[Row]
    differences: list[str]
    different: int
    missing: int
    notes: list[str]

    @property
    def equal(self) -> bool:
        """Whether everything of the source is here, with the same values."""
        return all(row.equal for row in self.rows)


class Importer:
    """Brings a source into a database.

    ``only`` names the experiments to bring (with the versions that their runs made); empty means
    everything. ``root`` is below which copied artifacts go; None leaves artifacts where they are.
    """

    def __init__(
        self,
        source: Source,
        database: Database,
        *,
        files: Files,
        root: str | None,
        only: Sequence[str] = (),
        progress: Progress,
    ) -> None:
        self._source = source
        self._database = database
        self._files = files
        self._root = root
        self._only = only
        self._progress = progress
        self._homes = Homes(copied=root is not None, files=files)
        self._tally = Tally()
        self._notes: list[str] = []
        self._carrier = Carrier(files, self._homes, self._tally, progress)

    def run(self) -> Outcome:
        """Bring what is new, then compare both sides. Raises: BadInput, Unavailable, OutOfSpace."""
        chosen = self._chosen()
        size = self._source.size([one.experiment_id for one in chosen])
        for experiment in chosen:
            self._experiment(experiment)
        self._progress.stage("runs", size.runs)
        for experiment in chosen:
            for found in self._found(experiment):
                self._runs(experiment, found)
        self._progress.stage("logged models", None)
        for experiment in chosen:
            self._models(experiment)
        if self._root is not None:
            self._carrier.carry()
        self._progress.stage("registered models", None)
        for model in self._registered():
            self._register(model)
        self._compare(chosen, size.runs)
        return self._outcome()

    def _chosen(self) -> list[Experiment]:
        found = self._source.experiments()
        if not self._only:
            return found
        names = {one.name for one in found}
        for name in self._only:
            if name not in names:
                shown = ", ".join(sorted(names)[:10])
                raise BadInput(f"{self._source.name} has no experiment {name!r}; it has: {shown}")
        return [one for one in found if one.name in self._only]

    def _experiment(self, wanted: Experiment) -> None:
        def work(connection: Connection) -> Any:
            row = bulk.experiment(connection, wanted, root=self._root)
            if str(row.id) != wanted.experiment_id:
                tagged = replace(wanted, tags={OLD_ID: wanted.experiment_id})
                row = bulk.experiment(connection, tagged, root=self._root)
            return row

        self._homes.place_experiment(wanted.experiment_id, self._database.write(work))

    def _found(self, experiment: Experiment) -> Iterator[list[FoundRun]]:
        ids = self._source.run_ids(experiment.experiment_id)
        for start in range(0, len(ids), AT_ONCE):
            yield self._source.runs(ids[start : start + AT_ONCE])

    def _runs(self, experiment: Experiment, found: Sequence[FoundRun]) -> None:
        """Bring some runs in one transaction, then the points of each."""
        home = self._homes.experiment(experiment.experiment_id)

        def work(connection: Connection) -> list[int]:
            return [self._run(connection, experiment, home, one) for one in found]

        numbers = self._database.write(work)
        with self._database.read() as connection:
            here = bulk.counted(connection, numbers)
        gathering = Gathering(self._database)
        for number, one in zip(numbers, found, strict=True):
            gathering.add(number, self._points(one.run.info.run_id, here.get(number, {})))
            self._progress.advance()
        gathering.flush()

    def _run(
        self, connection: Connection, experiment: Experiment, home: Any, found: FoundRun
    ) -> int:
        row = bulk.run(
            connection,
            home,
            found.run,
            artifact_uri=self._homes.run_root(found.run),
            deleted_by=_deleted_by(experiment, found),
            deleted_at=found.deleted_at,
        )
        bulk_inputs.edges(connection, row, found.run)
        number: int = row.id
        return number

    def _points(self, run_id: str, here: Mapping[str, int]) -> Iterator[list[Metric]]:
        """Yield the series of a run that are not whole here; ``here`` counts what is."""
        counts = self._source.counts(run_id) if here else {}
        whole = {key for key, count in counts.items() if here.get(key) == count}
        for key, piece in self._source.points(run_id, but=whole):
            yield [Metric(key, value, timestamp, step) for timestamp, step, value in piece]

    def _models(self, experiment: Experiment) -> None:
        home = self._homes.experiment(experiment.experiment_id)
        found = self._source.models(experiment.experiment_id)

        def work(connection: Connection, some: Sequence[FoundModel]) -> None:
            for one in some:
                bulk.logged_model(
                    connection,
                    home,
                    one.model,
                    artifact_location=self._homes.model_root(one.model),
                    deleted=one.deleted,
                )

        for start in range(0, len(found), AT_ONCE):
            some = found[start : start + AT_ONCE]
            self._database.write(partial(work, some=some))
            self._progress.advance(len(some))

    def _registered(self) -> Iterator[FoundRegistered]:
        """Yield registered models as they will be here; of chosen experiments, their versions."""
        for found in self._source.registered():
            versions = [self._version(version) for version in found.versions]
            if self._only:
                known = self._homes.knows
                versions = [v for v in versions if known(v.run_id) or known(v.model_id)]
                if not versions:
                    continue
            there = {version.version for version in versions}
            aliases = {key: value for key, value in found.model.aliases.items() if value in there}
            model = replace(found.model, aliases=aliases)
            yield FoundRegistered(model, versions, found.last_version)

    def _version(self, version: ModelVersion) -> ModelVersion:
        """Return a version as it will be here; without files it has no place yet.

        A place freezes its files, and those that are missing may come with a later import.
        """
        moved = self._homes.version(version)
        place = moved.storage_location
        if self._root is None or place is None or self._files.arrived(place):
            return moved
        return replace(moved, storage_location=None)

    def _register(self, found: FoundRegistered) -> None:
        left = self._database.write(
            lambda connection: bulk_registry.registered_model(
                connection,
                found.model,
                found.versions,
                last_version=found.last_version,
                origin=self._source.name,
                by=BY,
            )
        )
        self._notes += left
        self._freeze(found)
        self._progress.advance()

    def _freeze(self, found: FoundRegistered) -> None:
        """Fix the digests of versions that have none, where their files can be read."""
        versions = {version.version: version for version in found.versions}
        with self._database.read() as connection:
            pending = bulk_registry.undigested(connection, found.model.name)
        for number in pending:
            version = versions.get(number)
            place = version and version.storage_location
            digest = self._files.digest(place) if place else None
            if digest is not None:
                self._database.write(
                    partial(bulk_registry.digest, name=found.model.name, version=number, to=digest)
                )
            elif version and self._root is not None and not self._homes.holds(version.source):
                self._carrier.lack(
                    f"{version.name} v{number}", f"there are no files at {version.source}"
                )

    def _compare(self, chosen: Sequence[Experiment], runs: int) -> None:
        self._progress.stage("comparing both sides", runs)
        comparison = Comparison(self._source, self._database, self._homes, self._tally)
        for experiment in chosen:
            comparison.experiment(experiment)
            for found in self._found(experiment):
                comparison.runs(found)
                self._progress.advance(len(found))
            comparison.models(experiment.experiment_id)
        for model in self._registered():
            comparison.registered(model)

    def _outcome(self) -> Outcome:
        left = self._source.left()
        if left:
            self._notes.append(f"without a place here, and left: {'; '.join(left)}")
        return Outcome(
            source=self._source.name,
            about=self._source.about(),
            rows=self._tally.rows(),
            differences=self._tally.differences,
            different=self._tally.different,
            missing=self._carrier.missing,
            notes=[*self._carrier.notes, *self._notes],
        )


def _deleted_by(experiment: Experiment, found: FoundRun) -> str | None:
    """Tell what deleted a run: with its experiment, a restore of that brings it back."""
    if found.run.info.lifecycle_stage != "deleted":
        return None
    moment = found.deleted_at
    together = (
        experiment.lifecycle_stage == "deleted"
        and moment is not None
        and abs(moment - experiment.last_update_time) <= SAME_MOMENT
    )
    return "experiment" if together else "run"
