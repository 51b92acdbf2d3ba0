"""What is measured: a loaded version, beside the champion if there is one, on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec
import pandas as pd

from mainstay.errors import InvalidModel, MainstayError
from mainstay.evaluation.dataset import Dataset
from mainstay.models.loading import Resolved
from mainstay.models.predictor import PyFuncModel

ModelType = Literal["classifier", "regressor"]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A version and the rows to measure it on.

    ``baseline`` is the champion, measured anew with the same code on the same rows.
    """

    model: PyFuncModel
    found: Resolved
    data: Dataset
    model_type: ModelType | None = None
    calls: int = 200
    baseline: Subject | None = None

    def predict(self, rows: pd.DataFrame) -> Any:
        """Return what the model says of rows.

        Raises: SchemaMismatch: they do not fit its signature. InvalidModel: it failed on them.
        """
        try:
            return self.model.predict(rows)
        except MainstayError:
            raise
        except Exception as error:
            # The model's own code, a border: whatever it raises is a finding, not our failure.
            raise InvalidModel(
                f"{self} failed to predict: {type(error).__name__}: {error}"
            ) from error

    def __str__(self) -> str:
        return f"{self.found.name} v{self.found.version}" if self.found.version else "the model"


def beside(subject: Subject, values: Callable[[Subject], dict[str, Any]]) -> dict[str, Any]:
    """Return the values of a subject and, under ``baseline``, those of its champion."""
    found = values(subject)
    if subject.baseline is not None:
        found["baseline"] = values(subject.baseline)
    return found
