"""What data were made from: the parents and the job of a data set, as tags of a run's input."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from mainstay.entities.inputs import Dataset
from mainstay.errors import BadInput

PARENTS, JOB = "mainstay.data.parents", "mainstay.data.job"


def made_by(job: str | None = None, parents: Sequence[Any] = ()) -> dict[str, str]:
    """Return tags for ``log_input`` that name the job and the data sets that data were made from.

    ``parents`` are data sets (``mainstay.data.from_...``, records of them) or pairs of name and
    digest. ``mainstay models lineage`` shows them, and goes forward from them.

    >>> made_by("jobs/clean.py", [("raw", "ab12")])["mainstay.data.job"]
    'jobs/clean.py'

    Raises: BadInput (a parent that is none of these).
    """
    tags = {}
    if parents:
        tags[PARENTS] = json.dumps([_pair(parent) for parent in parents])
    if job is not None:
        tags[JOB] = job
    return tags


def _pair(parent: Any) -> dict[str, str]:
    record = getattr(parent, "record", parent)
    if isinstance(record, Dataset):
        return {"name": record.name, "digest": record.digest}
    if isinstance(record, (tuple, list)) and len(record) == 2:
        return {"name": str(record[0]), "digest": str(record[1])}
    raise BadInput(
        f"{parent!r} is no data set; give what mainstay.data.from_... returned, or (name, digest)"
    )
