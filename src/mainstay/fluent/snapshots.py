"""Data kept with the run that read them: Parquet files named by the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from mainstay.errors import BadInput
from mainstay.fluent.active import current

PATH = "mainstay.data.snapshot"
"""The tag of an input that names the file; ``….rows`` says how many of the rows are in it."""

FOLDER = "data"


def keep(dataset: Any, snapshot: bool | str) -> dict[str, str]:
    """Log the rows of a described data set, or a sample, and return the input's tags.

    The same data give the same file; it is sent once a run. Raises: BadInput.
    """
    rows = wanted(snapshot)
    if not hasattr(dataset, "write_parquet"):
        raise BadInput(
            "only a data set with its data can be kept: describe it with mainstay.data.from_…"
        )
    run = current()
    with tempfile.TemporaryDirectory(prefix="mainstay-snapshot-") as folder:
        file = Path(folder) / "rows.parquet"
        written, total = dataset.write_parquet(file, rows)
        with file.open("rb") as data:
            path = f"{FOLDER}/{hashlib.file_digest(data, 'sha256').hexdigest()}.parquet"
        if path not in run.snapshots:
            run.snapshots.add(path)
            run.owner.tracking.put_file(file, path, run_id=run.run_id)
    return {PATH: path, f"{PATH}.rows": f"{written} of {total}"}


def wanted(snapshot: bool | str) -> int | None:
    """Return how many rows are to be kept; None: all. Raises: BadInput.

    >>> wanted("sample:1000")
    1000
    """
    if snapshot is True:
        return None
    word, _, number = str(snapshot).partition(":")
    if word == "sample" and number.isdecimal() and int(number) > 0:
        return int(number)
    raise BadInput(f"snapshot is {snapshot!r}; use True, or 'sample:1000' for a thousand rows")
