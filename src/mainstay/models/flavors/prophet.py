"""Prophet forecasters, in the library's own JSON. The file is data."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import prophet
from prophet.serialize import model_from_json, model_to_json

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors.arguments import check_options, data_file
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel

FILE = "model.pr"
_MAX_BYTES = 1 << 30
_drawing = threading.Lock()


class ProphetFlavor:
    """A fitted ``prophet.Prophet``."""

    name = "prophet"

    def owns(self, model: object) -> bool:
        """Tell whether it is a ``prophet.Prophet``."""
        return any(
            base.__name__ == "Prophet" and base.__module__.partition(".")[0] == "prophet"
            for base in type(model).__mro__
        )

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``model.pr``. Raises: BadInput if it is not fitted or is another class."""
        check_options(self.name, options)
        if not self.owns(model):
            raise BadInput(f"a {type(model).__name__} is no prophet.Prophet")
        try:
            text = model_to_json(model)
        except ValueError as error:
            raise BadInput(f"the forecaster cannot be saved: {error}") from error
        # JSON text inside a JSON text, as MLflow writes it.
        (folder / FILE).write_text(json.dumps(text), encoding="utf-8")
        return Saved(
            name=self.name,
            fields={
                "data": FILE,
                "model_type": type(model).__name__,
                "prophet_version": prophet.__version__,
                "code": None,
            },
            loader_module="mlflow.prophet",
            pyfunc={"data": FILE},
            modules=("prophet", "pandas", "numpy"),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return (): the file is data."""
        data_file(self.name, folder, model)
        return ()

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the forecaster."""
        path = data_file(self.name, folder, model)
        if path.stat().st_size > _MAX_BYTES:
            raise InvalidModel(f"{path.name} is larger than {_MAX_BYTES >> 20} MiB")
        try:
            text = json.loads(path.read_text(encoding="utf-8"))
            return model_from_json(text if isinstance(text, str) else json.dumps(text))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InvalidModel(f"{path.name} is no Prophet model: {error}") from error

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict`` of a table with the column ``ds``; there are no parameters.

        The intervals are drawn at random; the same draws are made for each question, so that the
        same question has one answer.
        """

        def predict(data: Any, _: dict[str, Any]) -> Any:
            if not isinstance(data, pd.DataFrame) or "ds" not in data.columns:
                raise BadInput("a forecaster takes a table with the column 'ds' (dates)")
            with _same_draws():
                return loaded.predict(data)

        return predict


@contextmanager
def _same_draws() -> Iterator[None]:
    """Seed numpy's global generator, which Prophet draws from, and put it back as it was."""
    with _drawing:
        before = np.random.get_state()
        np.random.seed(0)
        try:
            yield
        finally:
            np.random.set_state(before)


FLAVOR = ProphetFlavor()
