"""Endpoints of webhooks. A URL may itself be a secret, so even looking needs a maintainer."""

from mainstay.wire import webhooks as messages
from mainstay.wire.base import Empty
from mainstay.wire.endpoint import Action, Kind, mlflow, own

MANAGE = (Action.MANAGE, Kind.WEBHOOK)

CREATE = mlflow(
    "webhooks.create",
    "POST",
    "webhooks",
    messages.CreateWebhook,
    messages.WebhookAnswer,
    MANAGE,
    once=True,
)
LIST = mlflow(
    "webhooks.list", "GET", "webhooks", messages.ListWebhooks, messages.WebhooksPage, MANAGE
)
TEST = mlflow(
    "webhooks.test",
    "POST",
    "webhooks/{webhook_id}/test",
    messages.TestWebhook,
    messages.TestWebhookAnswer,
    MANAGE,
    once=True,
)
GET = mlflow(
    "webhooks.get",
    "GET",
    "webhooks/{webhook_id}",
    messages.WebhookRef,
    messages.WebhookAnswer,
    MANAGE,
)
UPDATE = mlflow(
    "webhooks.update",
    "PATCH",
    "webhooks/{webhook_id}",
    messages.UpdateWebhook,
    messages.WebhookAnswer,
    MANAGE,
)
DELETE = mlflow(
    "webhooks.delete",
    "DELETE",
    "webhooks/{webhook_id}",
    messages.WebhookRef,
    Empty,
    MANAGE,
    once=True,
)
LIST_DELIVERIES = own(
    "webhooks.list_deliveries",
    "GET",
    "webhooks/deliveries",
    messages.ListDeliveries,
    messages.DeliveryList,
    MANAGE,
)
RESEND = own(
    "webhooks.resend", "POST", "webhooks/resend", messages.Resend, messages.DeliveryAnswer, MANAGE
)
