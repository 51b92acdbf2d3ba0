"""The types of signatures, under the names MLflow has for them."""

from mainstay.packaging.signature import ModelSignature, ParamSchema, Schema
from mainstay.packaging.types import (
    AnyType,
    Array,
    ColSpec,
    DataType,
    Map,
    Object,
    ParamSpec,
    Property,
    TensorSpec,
)

__all__ = [
    "AnyType",
    "Array",
    "ColSpec",
    "DataType",
    "Map",
    "ModelSignature",
    "Object",
    "ParamSchema",
    "ParamSpec",
    "Property",
    "Schema",
    "TensorSpec",
]
