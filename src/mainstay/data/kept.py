"""Snapshots of data, read back from the run that kept them."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from mainstay.client import Client
from mainstay.errors import NotFound
from mainstay.fluent.session import session
from mainstay.fluent.snapshots import PATH

if TYPE_CHECKING:
    import pyarrow as pa


def load_snapshot(
    run_id: str, name: str | None = None, *, client: Client | None = None
) -> pa.Table:
    """Return the rows of a data set that a run kept (``log_input(…, snapshot=…)``), as Arrow.

    ``name`` is the data set's, needed only where the run kept several. ``.to_pandas()`` makes a
    frame of it. Raises: NotFound: no such run, or none was kept.
    """
    import pyarrow.parquet

    asked = client or session().client
    inputs = asked.get_run(run_id).inputs.dataset_inputs
    kept = {one.dataset.name: one.tags[PATH] for one in inputs if PATH in one.tags}
    path = kept.get(name) if name is not None else next(iter(kept.values()), None)
    if path is None:
        known = f"; it kept {', '.join(kept)}" if kept else ", nor of any other"
        raise NotFound(f"run {run_id} kept no snapshot of {name or 'its data'}{known}")
    with tempfile.TemporaryDirectory(prefix="mainstay-snapshot-") as folder:
        file = asked.download_artifacts(run_id, path, folder)
        return pyarrow.parquet.read_table(file, memory_map=False)
