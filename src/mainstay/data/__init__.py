"""Data sets to log with a run: ``mainstay.data.from_pandas`` and its siblings."""

from mainstay.data.columnar import from_huggingface, from_polars
from mainstay.data.kept import load_snapshot
from mainstay.data.origins import made_by
from mainstay.data.source import DatasetSource, get_source
from mainstay.data.spark import from_spark, load_delta
from mainstay.data.tables import (
    LoggableDataset,
    digest_arrays,
    digest_frame,
    from_numpy,
    from_pandas,
    of_fit,
)
from mainstay.data.tensorflow import from_tensorflow

__all__ = [
    "DatasetSource",
    "LoggableDataset",
    "digest_arrays",
    "digest_frame",
    "from_huggingface",
    "from_numpy",
    "from_pandas",
    "from_polars",
    "from_spark",
    "from_tensorflow",
    "get_source",
    "load_delta",
    "load_snapshot",
    "made_by",
    "of_fit",
]
