"""Endpoints of the logging standards of experiments."""

from mainstay.wire import standards as messages
from mainstay.wire.base import Done
from mainstay.wire.endpoint import Action, Kind, own

MANAGE = (Action.MANAGE, Kind.STANDARD)

GET = own(
    "standards.get",
    "GET",
    "experiments/standard",
    messages.GetStandard,
    messages.StandardAnswer,
    (Action.READ, Kind.STANDARD),
)
SET = own(
    "standards.set",
    "PUT",
    "experiments/standard",
    messages.SetStandard,
    messages.StandardAnswer,
    MANAGE,
)
DELETE = own(
    "standards.delete", "DELETE", "experiments/standard", messages.DeleteStandard, Done, MANAGE
)
CHECK = own(
    "standards.check",
    "POST",
    "experiments/standard/check",
    messages.CheckStandard,
    messages.StandardReportAnswer,
    (Action.WRITE, Kind.STANDARD),
)
