"""Endpoints of lineage, differences and model cards."""

from mainstay.wire import provenance as messages
from mainstay.wire.endpoint import Action, Kind, own

READ = (Action.READ, Kind.MODEL_VERSION)

LINEAGE = own(
    "provenance.lineage",
    "GET",
    "registry/lineage",
    messages.GetLineage,
    messages.LineageAnswer,
    READ,
)
FORWARD = own(
    "provenance.forward",
    "GET",
    "registry/forward",
    messages.GetForward,
    messages.ForwardAnswer,
    READ,
)
DIFFERENCE = own(
    "provenance.difference",
    "GET",
    "registry/difference",
    messages.GetDifference,
    messages.DifferenceAnswer,
    READ,
)
CARD = own(
    "provenance.card",
    "GET",
    "registry/card",
    messages.GetCard,
    messages.CardAnswer,
    READ,
)
RECORDER = own(
    "provenance.recorder",
    "GET",
    "registry/recorder",
    messages.GetRecorder,
    messages.RecorderAnswer,
    READ,
)
VOUCH = own(
    "provenance.vouch",
    "POST",
    "registry/vouched-versions",
    messages.VouchVersion,
    messages.RecorderAnswer,
    (Action.MANAGE, Kind.MODEL_VERSION),
)
