"""The stores over HTTP: each method sends one endpoint of the table."""

from mainstay.stores.http.accounts import HttpAccounts
from mainstay.stores.http.client import HttpClient
from mainstay.stores.http.monitoring import HttpMonitoring
from mainstay.stores.http.registry import HttpRegistry
from mainstay.stores.http.release import HttpRelease
from mainstay.stores.http.retention import HttpRetention
from mainstay.stores.http.standards import HttpStandards
from mainstay.stores.http.tracking import HttpTracking
from mainstay.stores.http.webhooks import HttpWebhooks

__all__ = [
    "HttpAccounts",
    "HttpClient",
    "HttpMonitoring",
    "HttpRegistry",
    "HttpRelease",
    "HttpRetention",
    "HttpStandards",
    "HttpTracking",
    "HttpWebhooks",
]
