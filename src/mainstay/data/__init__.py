"""Data sets to log with a run: ``mainstay.data.from_pandas`` and its siblings."""

from mainstay.data.columnar import from_huggingface, from_polars
from mainstay.data.source import DatasetSource, get_source
from mainstay.data.tables import (
    LoggableDataset,
    digest_arrays,
    digest_frame,
    from_numpy,
    from_pandas,
    of_fit,
)

__all__ = [
    "DatasetSource",
    "LoggableDataset",
    "digest_arrays",
    "digest_frame",
    "from_huggingface",
    "from_numpy",
    "from_pandas",
    "from_polars",
    "get_source",
    "of_fit",
]
