"""The client's calls on logging standards: what the runs of an experiment must have logged."""

from __future__ import annotations

from pathlib import Path

from mainstay.client.base import ClientBase
from mainstay.entities.standards import Standard, StandardReport


class StandardCalls(ClientBase):
    """Standards of experiments; setting one needs the role maintainer and is in the audit."""

    def get_standard(self, experiment_id: str) -> Standard | None:
        """Return the experiment's standard, None without one. Raises: NotFound."""
        return self.stores.standards.get_standard(str(experiment_id))

    def set_standard(self, experiment_id: str, standard: str | Path) -> Standard:
        """Set it from YAML text, or from a file. Raises: BadInput, NotFound, OSError."""
        text = standard.read_text() if isinstance(standard, Path) else standard
        return self.stores.standards.set_standard(str(experiment_id), text)

    def delete_standard(self, experiment_id: str) -> None:
        """Take it away. Raises: NotFound."""
        self.stores.standards.delete_standard(str(experiment_id))

    def check_run(self, run_id: str) -> StandardReport | None:
        """Return how a run stands, None without a standard. Raises: NotFound."""
        return self.stores.standards.check_run(run_id)
