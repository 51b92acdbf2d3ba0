"""Lineage, differences between versions, and model cards."""

from __future__ import annotations

from mainstay.entities.accounts import ROLES, Recorder
from mainstay.entities.digests import plain
from mainstay.entities.registry import ModelVersion
from mainstay.errors import BadInput
from mainstay.provenance import card, difference, forward, lineage, recorders, rendering
from mainstay.provenance.records import Open
from mainstay.server.auth.authorize import NEEDED
from mainstay.server.context import Context
from mainstay.server.files import Place
from mainstay.server.sources import place_of
from mainstay.wire.endpoint import Action
from mainstay.wire.provenance import (
    CardAnswer,
    DifferenceAnswer,
    ForwardAnswer,
    GetCard,
    GetDifference,
    GetForward,
    GetLineage,
    GetRecorder,
    LineageAnswer,
    RecorderAnswer,
    VouchVersion,
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


def get_recorder(context: Context, request: GetRecorder) -> RecorderAnswer:
    """Return who recorded something, and whether that is somebody known here."""
    if request.name and request.version is not None:
        found = context.registry.get_version_recorder(request.name, request.version)
    elif request.model_id:
        found = context.tracking.get_logged_model_recorder(request.model_id)
    elif request.run_id:
        found = context.tracking.get_run_recorder(request.run_id)
    else:
        raise BadInput("give 'name' and 'version', or 'model_id', or 'run_id'")
    return RecorderAnswer(recorder=_judged(context, found))


def vouch(context: Context, request: VouchVersion) -> RecorderAnswer:
    """Stand for a version in the place of who recorded it."""
    found = context.registry.vouch_model_version(
        request.name, request.version, by=context.principal
    )
    return RecorderAnswer(recorder=_judged(context, found))


def _judged(context: Context, found: Recorder) -> Recorder:
    """Judge a recorder by the accounts, and by what anonymous callers may do today."""
    role = context.services.identity.anonymous
    records = role is not None and ROLES.index(role) >= ROLES.index(NEEDED[Action.WRITE])
    return recorders.judged(found, context.accounts, anonymous=records)


def _opener(context: Context) -> Open:
    def open_files(version: ModelVersion) -> Place:
        return place_of(context, version)

    return open_files
