"""A loaded model with one way to predict, whichever library made it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mainstay.models import enforce
from mainstay.models.flavors.base import Predict
from mainstay.packaging.mlmodel import MLmodel
from mainstay.packaging.profile import Profile, read_profile
from mainstay.packaging.signature import ModelSignature


class PyFuncModel:
    """A model as a function of data: ``predict(data, params=None)``.

    ``metadata`` is its MLmodel, ``path`` its folder on this machine, ``uri`` what was asked for.
    """

    def __init__(
        self,
        predict: Predict,
        loaded: Any,
        *,
        metadata: MLmodel,
        path: Path,
        uri: str = "",
        strict: bool = False,
    ) -> None:
        self.metadata = metadata
        self.path = path
        self.uri = uri or str(path)
        self.decoder = enforce.compile(
            metadata.signature,
            as_list=bool(metadata.other.get("is_signature_from_type_hint")),
            strict=strict,
        )
        self._predict = predict
        self._loaded = loaded
        self._profile: Profile | None = None
        self._profile_read = False

    @property
    def signature(self) -> ModelSignature | None:
        """What it takes and gives; None where nothing was recorded."""
        return self.metadata.signature

    @property
    def model_id(self) -> str | None:
        """The id of the logged model it came from."""
        return self.metadata.model_id

    @property
    def loader_module(self) -> str:
        """The module named in MLmodel ("mlflow.sklearn")."""
        return self.metadata.loader_module

    @property
    def profile(self) -> Profile | None:
        """The profile of its training data, or None."""
        if not self._profile_read:
            self._profile = read_profile(self.path)
            self._profile_read = True
        return self._profile

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Return predictions: what the library gives (an array, a DataFrame, a list, …).

        ``data``: a DataFrame, array, dictionary of columns, list of rows or whatever the model
        takes; fitted to the signature first. ``params`` override the signature's defaults.
        Raises: SchemaMismatch, naming row and column; and what the model raises.
        """
        return self._predict(self.decoder.fit(data), self.decoder.params.fit(params))

    def unwrap(self) -> Any:
        """Return the library's own object."""
        return self._loaded

    def get_raw_model(self) -> Any:
        """Return the library's own object, under MLflow's name."""
        return self._loaded

    def unwrap_python_model(self) -> Any:
        """Return the Python model, under MLflow's name."""
        return self._loaded

    def __repr__(self) -> str:
        return f"PyFuncModel(uri={self.uri!r}, loader_module={self.loader_module!r})"
