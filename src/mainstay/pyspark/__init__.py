"""Spark ML under MLflow's name for it: ``mainstay.pyspark.ml.autolog``."""

from __future__ import annotations

from mainstay.pyspark import ml

__all__ = ["ml"]
