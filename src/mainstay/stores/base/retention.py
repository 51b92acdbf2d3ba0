"""The retention contract: how long experiments keep what nobody needs, and what they hold."""

from __future__ import annotations

from typing import Protocol

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.retention import Holding, Retention


class RetentionStore(Protocol):
    """Keeps at most one rule an experiment. Changes are in the audit; ``gc`` applies them."""

    def get_retention(self, experiment_id: str) -> Retention | None:
        """Return an experiment's rule; None where everything is kept. Raises: NotFound."""
        ...

    def set_retention(self, rule: Retention, *, by: Principal = ANONYMOUS) -> Retention:
        """Set or replace it. Raises: NotFound, BadInput (a number of days below 0; no rule)."""
        ...

    def delete_retention(self, experiment_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Remove it; a missing one is fine. Raises: NotFound (the experiment)."""
        ...

    def get_holding(self, experiment_id: str) -> Holding:
        """Return how much an experiment holds. Raises: NotFound."""
        ...
