"""Endpoints of the retention of experiments, and of what they hold."""

from mainstay.wire import retention as messages
from mainstay.wire.base import Done
from mainstay.wire.endpoint import Action, Kind, own

READ = (Action.READ, Kind.EXPERIMENT)
MANAGE = (Action.MANAGE, Kind.EXPERIMENT)

GET = own(
    "retention.get",
    "GET",
    "experiments/retention",
    messages.GetRetention,
    messages.RetentionAnswer,
    READ,
)
SET = own(
    "retention.set",
    "PUT",
    "experiments/retention",
    messages.SetRetention,
    messages.RetentionAnswer,
    MANAGE,
)
DELETE = own(
    "retention.delete", "DELETE", "experiments/retention", messages.DeleteRetention, Done, MANAGE
)
HOLDING = own(
    "retention.holding",
    "GET",
    "experiments/holding",
    messages.GetHolding,
    messages.HoldingAnswer,
    READ,
)
