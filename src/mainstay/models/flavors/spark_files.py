"""What a saved Spark ML model names: the class of every stage, and types in its Parquet files.

Spark builds each stage by the class named in its metadata, so a name is what a load would run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from mainstay.errors import InvalidModel

_FAMILIES = frozenset({"classification", "clustering", "feature", "fpm", "recommendation"}) | {
    "regression",
    "tuning",
}
_NAMES = (
    "PipelineModel AFTSurvivalRegressionModel ALSModel Binarizer BisectingKMeansModel "
    "BucketedRandomProjectionLSHModel Bucketizer ChiSqSelectorModel ColumnPruner "
    "CountVectorizerModel CrossValidatorModel DCT DecisionTreeClassificationModel "
    "DecisionTreeRegressionModel DistributedLDAModel ElementwiseProduct FMClassificationModel "
    "FMRegressionModel FPGrowthModel FeatureHasher GBTClassificationModel GBTRegressionModel "
    "GaussianMixtureModel GeneralizedLinearRegressionModel HashingTF IDFModel ImputerModel "
    "IndexToString Interaction IsotonicRegressionModel KMeansModel LinearRegressionModel "
    "LinearSVCModel LocalLDAModel LogisticRegressionModel MaxAbsScalerModel MinHashLSHModel "
    "MinMaxScalerModel MultilayerPerceptronClassificationModel NGram NaiveBayesModel Normalizer "
    "OneHotEncoderModel OneVsRestModel PCAModel PolynomialExpansion RFormulaModel "
    "RandomForestClassificationModel RandomForestRegressionModel RegexTokenizer "
    "RobustScalerModel StandardScalerModel StopWordsRemover StringIndexerModel "
    "TargetEncoderModel Tokenizer TrainValidationSplitModel UnivariateFeatureSelectorModel "
    "VarianceThresholdSelectorModel VectorAssembler VectorAttributeRewriter VectorIndexerModel "
    "VectorSizeHint VectorSlicer Word2VecModel"
)
_STAGES = frozenset(_NAMES.split())
"""Stages of numbers and settings. ``SQLTransformer`` is not one: SQL can call Java methods."""

_TYPES = ("VectorUDT", "MatrixUDT")
_SCHEMA = b"org.apache.spark.sql.parquet.row.metadata"
_MAX_TEXT = 64 << 20


def asks(place: Path) -> tuple[str, ...]:
    """Return the classes and files that are not Spark's own stages of numbers.

    Raises: InvalidModel if a file is damaged or there is no model.
    """
    if not (place / "metadata").is_dir():
        raise InvalidModel(f"the folder {place.name} holds no Spark ML model")
    found: dict[str, None] = {}
    for path in sorted(place.rglob("*")):
        if path.is_dir() or path.suffix == ".crc" or path.name == "_SUCCESS":
            continue
        name = path.relative_to(place).as_posix()
        if path.parent.name == "metadata" and path.suffix in ("", ".txt"):
            found.update(dict.fromkeys(_stages(path)))
        elif path.suffix == ".parquet":
            found.update(dict.fromkeys(_types(path)))
        else:
            found[f"the file {name}"] = None
    return tuple(found)


def _stages(path: Path) -> Iterator[str]:
    if path.stat().st_size > _MAX_TEXT:
        raise InvalidModel(f"{path.name} is larger than {_MAX_TEXT >> 20} MiB")
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if not line.strip():
            continue
        try:
            form = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidModel(f"{path.name} is not JSON: {error}") from error
        if not isinstance(form, dict):
            raise InvalidModel(f"{path.name} does not describe a stage")
        named = form.get("class")
        if not _vouched(str(named)):
            yield f"the class {named}"


def _vouched(name: str) -> bool:
    parts = name.split(".")
    for root in (["org", "apache", "spark", "ml"], ["pyspark", "ml"]):
        if parts[: len(root)] == root and parts[-1] in _STAGES:
            between = parts[len(root) : -1]
            return len(between) <= 1 and set(between) <= _FAMILIES | {"pipeline"}
    return False


def _types(path: Path) -> Iterator[str]:
    """Give the classes of values in a Parquet file that are not Spark's vectors."""
    try:
        metadata = pyarrow.parquet.read_metadata(path).metadata or {}
        waiting: list[Any] = [json.loads(metadata[_SCHEMA])] if _SCHEMA in metadata else []
    except (pyarrow.ArrowException, ValueError, OSError, RecursionError) as error:
        raise InvalidModel(f"{path.name} is no Parquet file: {error}") from error
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, Mapping):
            if item.get("type") == "udt":
                yield from _unknown_types(item)
            waiting.extend(item.values())


def _unknown_types(item: Mapping[str, Any]) -> Iterator[str]:
    for key, root in (("class", "org.apache.spark.ml.linalg."), ("pyClass", "pyspark.ml.linalg.")):
        name = item.get(key)
        if name is not None and name not in [f"{root}{known}" for known in _TYPES]:
            yield f"the class {name}"
