"""The client's calls on files of runs."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mainstay.client import images
from mainstay.client.base import ClientBase
from mainstay.client.defaults import now
from mainstay.entities.artifacts import FileInfo
from mainstay.entities.pages import Search
from mainstay.errors import BadInput, NotFound


class ArtifactCalls(ClientBase):
    """Files of runs: log, list, download, and the forms that make a file of an object."""

    def log_artifact(
        self, run_id: str, local_path: str | Path, artifact_path: str | None = None
    ) -> None:
        """Log a file, or a folder under its own name. Raises: NotFound (file or run)."""
        local = Path(local_path)
        if local.is_dir():
            self.log_artifacts(run_id, local, joined(artifact_path, local.name))
        elif local.is_file():
            self._files.put_file(local, joined(artifact_path, local.name), run_id=run_id)
        else:
            raise NotFound(f"there is no file or folder {str(local)!r} to log")

    def log_artifacts(
        self, run_id: str, local_dir: str | Path, artifact_path: str | None = None
    ) -> None:
        """Log what a folder holds. Raises: NotFound."""
        for file, path in files_below(Path(local_dir)):
            self._files.put_file(file, joined(artifact_path, path), run_id=run_id)

    def log_bytes(self, run_id: str, data: bytes, artifact_file: str) -> None:
        """Log bytes as a file."""
        self._files.put_file(data, checked(artifact_file), run_id=run_id)

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Log text as a file."""
        self.log_bytes(run_id, text.encode(), artifact_file)

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Log a dict as JSON, or as YAML if the file's name ends in .yml or .yaml."""
        self.log_text(run_id, dumped(dictionary, artifact_file), artifact_file)

    def log_figure(
        self,
        run_id: str,
        figure: Any,
        artifact_file: str,
        *,
        save_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        """Log a matplotlib figure in the format of the file's name, or a plotly figure."""
        suffix = Path(checked(artifact_file)).suffix.lower()
        if hasattr(figure, "savefig"):
            out = io.BytesIO()
            figure.savefig(out, format=suffix[1:] or "png", **(save_kwargs or {}))
            self.log_bytes(run_id, out.getvalue(), artifact_file)
        elif hasattr(figure, "write_html") and suffix == ".html":
            self.log_text(run_id, figure.to_html(**(save_kwargs or {})), artifact_file)
        elif hasattr(figure, "to_image"):
            image = figure.to_image(format=suffix[1:] or "png", **(save_kwargs or {}))
            self.log_bytes(run_id, image, artifact_file)
        else:
            raise BadInput(
                f"a {type(figure).__name__} is not a figure; give one of matplotlib or plotly"
            )

    def log_image(
        self,
        run_id: str,
        image: Any,
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
        timestamp: int | None = None,
        synchronous: bool | None = None,
    ) -> None:
        """Log an image: a PIL image, a ``mainstay.Image``, or an array of (height, width[, 1|3|4]).

        As ``artifact_file``, or as one of the steps of ``key``, which the UI shows as a series.
        Raises: BadInput unless exactly one of the two is given.
        """
        if (artifact_file is None) == (key is None):
            raise BadInput("give either artifact_file or key")
        if artifact_file is not None:
            data = images.encoded(image, Path(checked(artifact_file)).suffix)
            self.log_bytes(run_id, data, artifact_file)
            return
        shown = image if hasattr(image, "save") else images.picture(image)
        at = now() if timestamp is None else int(timestamp)
        name = images.stepped(str(key), 0 if step is None else int(step), at)
        self.log_bytes(run_id, images.encoded(shown, "png"), f"{name}.png")
        quick = images.small(shown.to_pil() if isinstance(shown, images.Image) else shown)
        self.log_bytes(run_id, images.encoded(quick, "webp"), f"{name}+compressed.webp")
        self.tracking.log_batch(run_id, tags={images.LOGGED: "True"})

    def log_stream(self, run_id: str, stream: Any, artifact_file: str) -> None:
        """Log what a binary stream holds from where it stands, in pieces. Raises: BadInput."""
        import shutil
        import tempfile

        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(stream, kept)
            kept.seek(0)
            self.log_bytes(run_id, kept.read(), artifact_file)

    def log_table(self, run_id: str, data: Any, artifact_file: str) -> None:
        """Log a table (a dict of columns or a pandas frame); a second call adds rows.

        Stored as JSON ``{"columns": […], "data": [[…]]}``, MLflow's form.
        """
        try:
            before = self.read_table(run_id, artifact_file)
        except NotFound:
            before = None
        self.log_text(run_id, json.dumps(merged(before, data), default=str), artifact_file)

    def read_table(self, run_id: str, artifact_file: str) -> dict[str, Any]:
        """Return a logged table as ``{"columns": […], "data": [[…]]}``. Raises: NotFound."""
        found: dict[str, Any] = json.loads(self._read(run_id, artifact_file))
        return found

    def load_table(
        self,
        experiment_id: str,
        artifact_file: str,
        run_ids: Sequence[str] | None = None,
        extra_columns: Sequence[str] | None = None,
    ) -> Any:
        """Return the tables of some runs, or of all in an experiment, as one pandas frame.

        ``extra_columns`` adds ``run_id``, or a parameter, metric or tag of the run by its name.
        Raises: NotFound if none of the runs has the table.
        """
        import pandas

        ids = list(run_ids) if run_ids is not None else self._runs_of(str(experiment_id))
        frames = []
        for run_id in ids:
            try:
                table = self.read_table(run_id, artifact_file)
            except NotFound:
                continue
            frame = pandas.DataFrame(table["data"], columns=table["columns"])
            run = self.tracking.get_run(run_id) if extra_columns else None
            for column in extra_columns or ():
                frame[column] = _field(run, column)
            frames.append(frame)
        if not frames:
            raise NotFound(f"none of {len(ids)} runs has a table {artifact_file!r}")
        return pandas.concat(frames, ignore_index=True)

    def _runs_of(self, experiment_id: str) -> list[str]:
        found: list[str] = []
        token: str | None = None
        while True:
            page = self.tracking.search_runs([experiment_id], Search(max_results=1000, token=token))
            found += [run.info.run_id for run in page.items]
            token = page.token
            if token is None:
                return found

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """Return the files and folders below a path, relative to the run's root."""
        return self.artifacts_of(run_id=run_id).list(path or "")

    def download_artifacts(
        self, run_id: str, path: str = "", dst_path: str | Path | None = None
    ) -> str:
        """Download a file or folder, and return where it is now. Raises: NotFound."""
        import tempfile

        from mainstay.artifact_store.transfer import download_tree

        target = Path(dst_path) if dst_path else Path(tempfile.mkdtemp(prefix="mainstay-"))
        target.mkdir(parents=True, exist_ok=True)
        return str(download_tree(self.artifacts_of(run_id=run_id), path, target))

    def _read(self, run_id: str, path: str) -> bytes:
        return b"".join(self.artifacts_of(run_id=run_id).read(path))


def files_below(folder: Path) -> list[tuple[Path, str]]:
    """Return every file of a folder with its relative path, sorted. Raises: NotFound."""
    if not folder.is_dir():
        raise NotFound(f"there is no folder {str(folder)!r} to log")
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path, path.relative_to(folder).as_posix()) for path in found]


def checked(artifact_file: str) -> str:
    """Return the name of a file below the root. Raises: BadInput on an unsafe one."""
    from mainstay.artifact_store.paths import clean

    if not clean(artifact_file):
        raise BadInput("artifact_file is empty; give a path such as 'notes/result.json'")
    return artifact_file


def dumped(value: Any, artifact_file: str) -> str:
    """Return a value as YAML or JSON text, by the file's name."""
    if artifact_file.lower().endswith((".yml", ".yaml")):
        import yaml

        text: str = yaml.safe_dump(value, default_flow_style=False, sort_keys=False)
        return text
    return json.dumps(value, indent=2, default=str)


def merged(before: dict[str, Any] | None, data: Any) -> dict[str, Any]:
    """Return a table with the rows of ``data`` added. Raises: BadInput if that is no table."""
    columns, rows = _table(data)
    if before is None:
        return {"columns": columns, "data": rows}
    if before["columns"] != columns:
        extra = [name for name in columns if name not in before["columns"]]
        rows, columns = _aligned(before, columns, rows, extra)
    return {"columns": columns, "data": before["data"] + rows}


def joined(folder: str | None, name: str) -> str:
    """Return a path in a folder, or the name alone."""
    return f"{folder.strip('/')}/{name}" if folder and folder.strip("/") else name


def _field(run: Any, column: str) -> Any:
    if column == "run_id":
        return run.info.run_id
    for values in (run.data.params, run.data.metrics, run.data.tags):
        if column in values:
            return values[column]
    return None


def _table(data: Any) -> tuple[list[str], list[list[Any]]]:
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        split = data.to_dict(orient="split")
        return [str(name) for name in split["columns"]], split["data"]
    if not isinstance(data, Mapping):
        raise BadInput(f"a table is a dict of columns or a frame, not a {type(data).__name__}")
    columns = {str(k): list(v) if isinstance(v, (list, tuple)) else [v] for k, v in data.items()}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise BadInput("the columns of a table must be of one length")
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


def _aligned(
    before: dict[str, Any], columns: list[str], rows: list[list[Any]], extra: list[str]
) -> tuple[list[list[Any]], list[str]]:
    """Bring old and new rows to one list of columns; what a row lacks is null."""
    every = [*before["columns"], *extra]
    before["data"] = [[*row, *(None for _ in extra)] for row in before["data"]]
    place = {name: index for index, name in enumerate(columns)}
    fresh = [[row[place[name]] if name in place else None for name in every] for row in rows]
    return fresh, every
