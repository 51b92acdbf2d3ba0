"""Score a file with the model that an address means."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from mainstay.connect import Stores
from mainstay.models.loading import load_model, resolve
from mainstay.scoring.batch import Job, score


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, and with which version. ``version`` is None for an unregistered model."""

    model: str
    name: str
    version: int | None
    digest: str | None
    output: str
    rows: int
    rejected: int
    seconds: float


def run(
    uri: str,
    stores: Stores,
    job: Job,
    *,
    trust: bool | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Score ``job`` with what ``uri`` means now; the output names that version.

    An alias that moves while rows are scored changes nothing: one file, one version.
    Raises: what ``load_model`` and ``score`` raise.
    """
    resolved = resolve(uri, stores)
    fixed = uri if resolved.version is None else f"models:/{resolved.name}/{resolved.version}"
    model = load_model(fixed, trust=trust, stores=stores)
    metadata = {
        "mainstay.uri": uri,
        "mainstay.model": resolved.name or "",
        "mainstay.version": "" if resolved.version is None else str(resolved.version),
        "mainstay.digest": resolved.digest or "",
        **job.metadata,
    }
    done = score(model, msgspec.structs.replace(job, metadata=metadata), progress=progress)
    return Outcome(
        model=fixed,
        name=resolved.name or "",
        version=resolved.version,
        digest=resolved.digest,
        output=str(job.destination),
        rows=done.rows,
        rejected=done.rejected,
        seconds=done.seconds,
    )
