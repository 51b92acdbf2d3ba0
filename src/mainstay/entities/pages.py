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


class DatasetRef(msgspec.Struct, frozen=True):
    """A data set by name, and by digest if that is not None."""

    name: str
    digest: str | None = None


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A search: filter and order in MLflow's grammar, and where to go on from.

    Of logged models only: ``datasets`` leaves those that have points about one of these data sets,
    and metrics in the filter are about them; ``order_dataset`` is what metrics that are sorted by
    are about.
    """

    filter: str = ""
    order_by: tuple[str, ...] = ()
    max_results: int = 1000
    token: str | None = None
    view: ViewType = "ACTIVE_ONLY"
    datasets: tuple[DatasetRef, ...] = ()
    order_dataset: DatasetRef | None = None
