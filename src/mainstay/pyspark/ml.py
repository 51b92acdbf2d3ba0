"""Spark ML: ``mainstay.pyspark.ml.autolog``; models are logged with ``mainstay.spark``."""

from __future__ import annotations

from mainstay.autolog.spark import autolog

__all__ = ["autolog"]
