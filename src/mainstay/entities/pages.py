"""A page of results, and what a search asks for."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

ViewType = Literal["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some results, and the token that brings the next ones (None at the end)."""

    items: list[T]
    token: str | None = None


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A search: filter and order in MLflow's grammar, and where to go on from."""

    filter: str = ""
    order_by: tuple[str, ...] = ()
    max_results: int = 1000
    token: str | None = None
    view: ViewType = "ACTIVE_ONLY"
