"""The client's calls on files of runs."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mainstay.client.base import ClientBase
from mainstay.entities.artifacts import FileInfo
from mainstay.errors import BadInput, NotFound


class ArtifactCalls(ClientBase):
    """Files of runs: log, list, download, and the forms that make a file of an object."""

    def log_artifact(
        self, run_id: str, local_path: str | Path, artifact_path: str | None = None
    ) -> None:
        """Log a file, or a folder under its own name. Raises: NotFound (file or run)."""
        local = Path(local_path)
        if local.is_dir():
            self.log_artifacts(run_id, local, _join(artifact_path, local.name))
        elif local.is_file():
            self._files.put_file(local, _join(artifact_path, local.name), run_id=run_id)
        else:
            raise NotFound(f"there is no file or folder {str(local)!r} to log")

    def log_artifacts(
        self, run_id: str, local_dir: str | Path, artifact_path: str | None = None
    ) -> None:
        """Log what a folder holds. Raises: NotFound."""
        for file, path in files_below(Path(local_dir)):
            self._files.put_file(file, _join(artifact_path, path), run_id=run_id)

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

    def log_image(self, run_id: str, image: Any, artifact_file: str) -> None:
        """Log an image: a PIL image, or an array of (height, width[, 1|3|4])."""
        suffix = Path(checked(artifact_file)).suffix.lower().lstrip(".") or "png"
        picture = image if hasattr(image, "save") else _picture(image)
        out = io.BytesIO()
        picture.save(out, format={"jpg": "jpeg"}.get(suffix, suffix))
        self.log_bytes(run_id, out.getvalue(), artifact_file)

    def log_table(self, run_id: str, data: Any, artifact_file: str) -> None:
        """Log a table (a dict of columns or a pandas frame); a second call adds rows.

        Stored as JSON ``{"columns": […], "data": [[…]]}``, MLflow's form.
        """
        try:
            before = self.load_table(run_id, artifact_file)
        except NotFound:
            before = None
        self.log_text(run_id, json.dumps(merged(before, data), default=str), artifact_file)

    def load_table(self, run_id: str, artifact_file: str) -> dict[str, Any]:
        """Return a logged table as ``{"columns": […], "data": [[…]]}``. Raises: NotFound."""
        found: dict[str, Any] = json.loads(self._read(run_id, artifact_file))
        return found

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """Return the files and folders below a path, relative to the run's root."""
        return self.artifacts_of(run_id=run_id).list(path or "")

    def download_artifacts(
        self, run_id: str, path: str = "", dst_path: str | Path | None = None
    ) -> str:
        """Download a file or folder, and return where it is now. Raises: NotFound."""
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


def _join(folder: str | None, name: str) -> str:
    return f"{folder.strip('/')}/{name}" if folder and folder.strip("/") else name


def _picture(image: Any) -> Any:
    import numpy as np

    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise BadInput("log_image with an array needs Pillow: pip install pillow") from error
    array = np.asarray(image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.dtype == bool or np.issubdtype(array.dtype, np.floating):
        # Floats are 0 to 1, as in MLflow.
        array = (np.clip(array.astype(float), 0.0, 1.0) * 255).round()
    if array.ndim not in (2, 3):
        raise BadInput(f"an image is (height, width[, channels]), not of shape {array.shape}")
    return Image.fromarray(array.astype("uint8"))


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
