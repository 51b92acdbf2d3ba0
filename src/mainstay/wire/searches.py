"""What searches of the registry have in common: a filter, an order, and pages of it."""

from __future__ import annotations

from typing import Self

from mainstay.entities.pages import Search
from mainstay.wire.base import Int64, Request


class SearchRequest(Request, frozen=True, kw_only=True):
    """A search. Subclasses say how many answers a page has where the caller does not."""

    filter: str | None = None
    max_results: Int64 = 100
    order_by: list[str] = []
    page_token: str | None = None

    @classmethod
    def of(cls, search: Search) -> Self:
        """Return the search's message."""
        return cls(
            filter=search.filter or None,
            max_results=search.max_results,
            order_by=list(search.order_by),
            page_token=search.token,
        )

    def search(self) -> Search:
        """Return the search."""
        return Search(
            filter=self.filter or "",
            order_by=tuple(self.order_by),
            max_results=self.max_results,
            token=self.page_token or None,
        )
