"""What handlers reach: the services of a server, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mainstay.artifact_store import paths
from mainstay.artifact_store.object import SCHEMES
from mainstay.entities.accounts import Principal
from mainstay.errors import BadInput, PermissionDenied
from mainstay.server.auth.identity import Identity
from mainstay.server.files import Files
from mainstay.server.gauges import Gauges
from mainstay.server.readiness import Readiness
from mainstay.server.space import Space
from mainstay.stores.base import (
    AccountStore,
    MonitoringStore,
    RegistryStore,
    ReleaseStore,
    RetentionStore,
    StandardStore,
    TrackingStore,
    WebhookStore,
)
from mainstay.stores.sql.history import Histories
from mainstay.stores.sql.kept import KeptRuns


@dataclass(frozen=True)
class Services:
    """The stores and files behind one server. ``registry`` is guarded by gates."""

    tracking: TrackingStore
    registry: RegistryStore
    release: ReleaseStore
    monitoring: MonitoringStore
    accounts: AccountStore
    webhooks: WebhookStore
    standards: StandardStore
    retention: RetentionStore
    gauges: Gauges
    files: Files
    identity: Identity
    kept_runs: KeptRuns
    histories: Histories
    space: Space = field(default_factory=Space)
    readiness: Readiness = field(default_factory=Readiness)


@dataclass(frozen=True)
class Context:
    """One request's services, and its principal."""

    services: Services
    principal: Principal

    @property
    def tracking(self) -> TrackingStore:
        """Experiments and runs."""
        return self.services.tracking

    @property
    def registry(self) -> RegistryStore:
        """Models and versions, behind gates."""
        return self.services.registry

    @property
    def release(self) -> ReleaseStore:
        """Evidence, policies, verdicts, audit."""
        return self.services.release

    @property
    def monitoring(self) -> MonitoringStore:
        """Windows, reports, alerts."""
        return self.services.monitoring

    @property
    def accounts(self) -> AccountStore:
        """Users and tokens."""
        return self.services.accounts

    @property
    def webhooks(self) -> WebhookStore:
        """Who is told of events."""
        return self.services.webhooks

    @property
    def standards(self) -> StandardStore:
        """What runs must log."""
        return self.services.standards

    @property
    def retention(self) -> RetentionStore:
        """How long experiments keep what nobody needs."""
        return self.services.retention

    @property
    def files(self) -> Files:
        """Artifacts."""
        return self.services.files

    def check_location(self, location: str) -> None:
        """See that this caller may have artifacts kept at ``location``.

        Raises:
            PermissionDenied: a folder or bucket was chosen by somebody who is no administrator.
            BadInput: the scheme is not one that artifacts can have, or the path is not safe.
        """
        scheme = urlsplit(location).scheme
        if scheme not in ("", "file", "mlflow-artifacts", *SCHEMES):
            raise BadInput(
                f"artifacts cannot be kept at {location!r}; known are mlflow-artifacts:, file:, "
                f"{': '.join(SCHEMES)}: and paths"
            )
        path = urlsplit(location).path.strip("/")
        paths.clean(path)
        if scheme != "mlflow-artifacts" and self.principal.role != "admin":
            raise PermissionDenied(
                f"only administrators choose where artifacts are kept; leave out {location!r}"
            )
