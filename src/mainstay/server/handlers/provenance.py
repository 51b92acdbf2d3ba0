"""Lineage, differences between versions, and model cards."""

from __future__ import annotations

from mainstay.entities.digests import plain
from mainstay.entities.registry import ModelVersion
from mainstay.provenance import card, difference, forward, lineage, rendering
from mainstay.provenance.records import Open
from mainstay.server.context import Context
from mainstay.server.files import Place
from mainstay.server.sources import place_of
from mainstay.wire.provenance import (
    CardAnswer,
    DifferenceAnswer,
    ForwardAnswer,
    GetCard,
    GetDifference,
    GetForward,
    GetLineage,
    LineageAnswer,
)


def get_lineage(context: Context, request: GetLineage) -> LineageAnswer:
    """Return where a version comes from."""
    found = lineage.lineage(context, request.name, request.version, open_files=_opener(context))
    return LineageAnswer(lineage=plain(found))


def get_forward(context: Context, request: GetForward) -> ForwardAnswer:
    """Return what was built from a data set or a commit."""
    found = forward.forward(
        context,
        dataset=request.dataset or None,
        commit=request.commit or None,
        derived=request.derived,
    )
    return ForwardAnswer(forward=plain(found))


def get_difference(context: Context, request: GetDifference) -> DifferenceAnswer:
    """Return how two versions differ."""
    other = request.other_name or request.name
    found = difference.compare(
        context, _opener(context), (request.name, request.version), (other, request.other)
    )
    return DifferenceAnswer(difference=found)


def get_card(context: Context, request: GetCard) -> CardAnswer:
    """Return the card of a version."""
    found = card.make(context, _opener(context), request.name, request.version)
    return CardAnswer(card=found, markdown=rendering.markdown(found), html=rendering.html(found))


def _opener(context: Context) -> Open:
    def open_files(version: ModelVersion) -> Place:
        return place_of(context, version)

    return open_files
