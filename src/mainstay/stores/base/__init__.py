"""The contracts of the stores, in prose; ``mainstay.testing`` tests any implementation.

Shared rules. Every write is all-or-nothing and returns only after its commit. Methods are
synchronous and may be called from several threads. A user's mistake raises a ``BadInput``,
``NotFound`` or ``Conflict`` of ``mainstay.errors``; nothing else of the tree is the user's fault.
"""

from mainstay.stores.base.accounts import AccountStore
from mainstay.stores.base.monitoring import MonitoringStore
from mainstay.stores.base.registry import RegistryStore
from mainstay.stores.base.release import ReleaseStore
from mainstay.stores.base.retention import RetentionStore
from mainstay.stores.base.standards import StandardStore
from mainstay.stores.base.tracking import TrackingStore
from mainstay.stores.base.webhooks import WebhookStore

__all__ = [
    "AccountStore",
    "MonitoringStore",
    "RegistryStore",
    "ReleaseStore",
    "RetentionStore",
    "StandardStore",
    "TrackingStore",
    "WebhookStore",
]
