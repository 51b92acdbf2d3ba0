"""A loaded model as the HTTP edge sees it: bytes in, an answer and what to count of it out."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from mainstay.connect import Stores
from mainstay.errors import MainstayError
from mainstay.models.loading import load_model
from mainstay.models.predictor import PyFuncModel
from mainstay.packaging.profile import Profile
from mainstay.packaging.signature import ModelSignature
from mainstay.serving import answers, bodies
from mainstay.serving.channel import Spec

log = logging.getLogger(__name__)

_EXAMPLE = "serving_input_example.json"


class ModelFailed(MainstayError):
    """The model raised an error, or returned what cannot be written."""


class Prediction(msgspec.Struct, frozen=True):
    """An answer: its JSON, its rows, and for counting what went into the model and came out."""

    body: bytes
    rows: int
    data: Any
    predicted: Any


class ServedModel:
    """A model, its name and its version. Threads may share one."""

    def __init__(self, model: PyFuncModel, *, name: str, version: int | None) -> None:
        self.name = name
        self.version = version
        self._model = model

    @classmethod
    def load(cls, spec: Spec, stores: Stores) -> ServedModel:
        """Fetch the model of ``spec``, verified by its digest, and load it."""
        model = load_model(spec.uri, trust=spec.trust, stores=stores)
        return cls(model, name=spec.name, version=spec.version)

    @property
    def title(self) -> str:
        """The model in words, for messages."""
        return self.name if self.version is None else f"{self.name} version {self.version}"

    @property
    def signature(self) -> ModelSignature | None:
        """What it takes and gives, if it says so."""
        return self._model.signature

    @property
    def profile(self) -> Profile | None:
        """The reference bins that were packaged with it, if any."""
        return self._model.profile

    def example(self) -> bytes | None:
        """Return the JSON body of the input example packaged with the model, or None."""
        path = self._model.path / _EXAMPLE
        return path.read_bytes() if path.is_file() else None

    def answer(self, content_type: str | None, body: bytes, identifier: str) -> Prediction:
        """Predict what a request body asks for.

        Raises:
            BadInput, UnsupportedMediaType: the caller's mistake.
            ModelFailed: the model's. The traceback goes to the log under ``identifier``, and not
                to the caller: it may hold the data.
        """
        decoded = bodies.decode(self._model.decoder, content_type, body)
        if _no_rows(decoded.data):
            return _NOTHING  # most libraries refuse to predict nothing
        try:
            predicted = self._model.predict(decoded.data, decoded.params)
        except Exception as error:
            log.exception("request %s: %s raised an error", identifier, self.title)
            raise ModelFailed(
                f"{self.title} raised {type(error).__name__} on this input; "
                f"the server's log tells more under the request id {identifier}"
            ) from error
        try:
            encoded = answers.encode(predicted)
        except MainstayError as error:
            raise ModelFailed(f"{self.title}: {error.message}") from error
        return Prediction(
            body=encoded,
            rows=answers.rows_of(predicted),
            data=decoded.data,
            predicted=predicted,
        )


_NOTHING = Prediction(body=answers.encode([]), rows=0, data=None, predicted=None)


def _no_rows(data: Any) -> bool:
    shape = getattr(data, "shape", None)
    return shape is not None and len(shape) > 0 and shape[0] == 0
