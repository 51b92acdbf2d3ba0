"""The standards contract: what runs of an experiment must log, and whether a run did."""

from __future__ import annotations

from typing import Protocol

from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.standards import Standard, StandardReport


class StandardStore(Protocol):
    """Keeps at most one logging standard an experiment. Changes are in the audit."""

    def get_standard(self, experiment_id: str) -> Standard | None:
        """Return an experiment's standard; None where there is none. Raises: NotFound."""
        ...

    def set_standard(self, experiment_id: str, text: str, *, by: Principal = ANONYMOUS) -> Standard:
        """Set or replace it. Raises: NotFound, BadInput (not a standard in YAML)."""
        ...

    def delete_standard(self, experiment_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Remove it; a missing one is fine. Raises: NotFound (the experiment)."""
        ...

    def check_run(self, run_id: str) -> StandardReport | None:
        """Judge a run now and tag it so; None where its experiment has no standard.

        Raises: NotFound.
        """
        ...
