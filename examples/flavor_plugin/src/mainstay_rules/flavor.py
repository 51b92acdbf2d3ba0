"""The flavor ``rules``: one JSON file, which is data and needs no trust."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors.arguments import check_options, data_file
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel
from mainstay_rules.rules import RuleList

FILE = "rules.json"


class RulesFlavor:
    """``RuleList``."""

    name = "rules"

    def owns(self, model: object) -> bool:
        """Tell whether it is a list of rules."""
        return isinstance(model, RuleList)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``rules.json``. Raises: BadInput."""
        check_options(self.name, options)
        if not self.owns(model):
            raise BadInput(f"a {type(model).__name__} is no RuleList")
        (folder / FILE).write_text(model.to_json(), encoding="utf-8")
        return Saved(
            name=self.name,
            fields={"data": FILE},
            # Our own package: stock MLflow imports it and calls _load_pyfunc.
            loader_module="mainstay_rules",
            pyfunc={"data": FILE},
            modules=("mainstay_rules", "pandas"),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return (): the file is data."""
        data_file(self.name, folder, model)
        return ()

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the rule list. Raises: InvalidModel."""
        path = data_file(self.name, folder, model)
        try:
            return RuleList.from_json(path.read_text(encoding="utf-8"))
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidModel(f"{path.name} holds no rules: {error}") from error

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict``; there are no parameters."""
        return lambda data, _: loaded.predict(data)


FLAVOR = RulesFlavor()
