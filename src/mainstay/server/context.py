"""What handlers reach: the services of a server, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
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

    def check_location(self, location: str) -> str:
        """See that this caller may have artifacts kept at ``location``, and return it in full.

        A relative path is one below this server's working directory, as MLflow reads it.

        Raises:
            PermissionDenied: a folder or bucket was chosen by somebody who is no administrator.
            BadInput: the scheme is not one that artifacts can have, or the path is not safe.
        """
        scheme, host, path, _, fragment = urlsplit(location)
        if scheme not in ("", "file", "mlflow-artifacts", *SCHEMES):
            raise BadInput(
                f"artifacts cannot be kept at {location!r}; known are mlflow-artifacts:, file:, "
                f"{': '.join(SCHEMES)}: and paths"
            )
        if scheme and fragment:
            raise BadInput(f"'artifact_location' can't include a fragment, as {location!r} does")
        if scheme == "mlflow-artifacts" and host:
            raise BadInput(
                f"'artifact_location' {location!r} names a server; files behind this one are at "
                "mlflow-artifacts:/…, without a host"
            )
        paths.clean(path.strip("/"))
        if scheme != "mlflow-artifacts" and self.principal.role != "admin":
            raise PermissionDenied(
                f"only administrators choose where artifacts are kept; leave out {location!r}"
            )
        return location if scheme else str(Path(location).absolute())
