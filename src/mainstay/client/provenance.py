"""The client's calls on where versions come from and how they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mainstay.client.base import ClientBase

if TYPE_CHECKING:
    from mainstay.entities.provenance import Card, Difference
    from mainstay.provenance.records import Addresses, Records


class ProvenanceCalls(ClientBase):
    """Lineage back and forward, differences, cards."""

    def get_model_version_lineage(self, name: str, version: int | str) -> dict[str, Any]:
        """Return where a version comes from and what became of it. Raises: NotFound."""
        from mainstay.provenance.lineage import lineage
        from mainstay.provenance.records import opener

        opened = opener(cast("Addresses", self.stores))
        return lineage(self._records, name, int(version), open_files=opened)

    def find_built_from(
        self, *, dataset: str | None = None, commit: str | None = None, derived: bool = False
    ) -> dict[str, Any]:
        """Return the runs, versions and deployments built from a data set or a commit.

        ``dataset`` is a name or digest; ``derived`` follows what was made from that in turn.
        Raises: BadInput unless exactly one of both is given.
        """
        from mainstay.provenance.forward import forward

        return forward(self._records, dataset=dataset, commit=commit, derived=derived)

    def compare_model_versions(
        self, name: str, before: int | str, after: int | str, *, other_name: str | None = None
    ) -> Difference:
        """Return how ``after`` (of ``other_name``, if given) differs from ``before``.

        Raises: NotFound.
        """
        from mainstay.provenance.difference import compare
        from mainstay.provenance.records import opener

        opened = opener(cast("Addresses", self.stores))
        first, second = (name, int(before)), (other_name or name, int(after))
        return compare(self._records, opened, first, second)

    def get_model_card(self, name: str, version: int | str) -> Card:
        """Return a card; ``mainstay.provenance.rendering`` writes it. Raises: NotFound."""
        from mainstay.provenance.card import make
        from mainstay.provenance.records import opener

        return make(self._records, opener(cast("Addresses", self.stores)), name, int(version))

    @property
    def _records(self) -> Records:
        return cast("Records", self.stores)
