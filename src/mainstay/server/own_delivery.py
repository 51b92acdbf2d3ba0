"""Records of a spool handed to this server's own handlers, as if a client had sent them."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.entities.spool import Applied, Record
from mainstay.errors import NotFound
from mainstay.server.auth.authorize import authorize
from mainstay.server.context import Context
from mainstay.server.handlers import spool
from mainstay.spool.delivery import Blocks, Waiting
from mainstay.wire.endpoint import Endpoint
from mainstay.wire.endpoints.artifacts import UPLOAD
from mainstay.wire.endpoints.spool import APPLY
from mainstay.wire.spool import Apply, GetApplied


class OwnDelivery:
    """Delivery inside a server's process; ``context`` says on whose behalf."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._roots: dict[str, str] = {}

    def applied(self, segment: str) -> int:
        """Ask the handler."""
        return spool.applied(self._context, GetApplied(segment=segment)).applied.sequence

    def has_run(self, run_id: str) -> bool:
        """Ask the store."""
        try:
            self._context.tracking.get_run(run_id)
        except NotFound:
            return False
        return True

    def apply(self, segment: str, records: Sequence[Record]) -> Applied:
        """Apply them in one transaction."""
        self._admit(APPLY)
        request = Apply(segment=segment, records=list(records))
        done = spool.apply(self._context, request).applied
        self._roots.update(done.roots)
        return done

    def upload(self, files: Sequence[Waiting]) -> None:
        """Write the files below the root of their run or model."""
        self._admit(UPLOAD)
        for record, blob in files:
            root = self._root(record.run_id, record.model_id)
            self._context.files.write(root, record.path, Blocks(blob), size=blob.stat().st_size)

    def _admit(self, row: Endpoint) -> None:
        """Raises: PermissionDenied, OutOfSpace."""
        authorize(self._context.principal, row.permission)
        self._context.services.space.admit(row)

    def _root(self, run_id: str | None, model_id: str | None) -> str:
        owner = run_id or model_id or ""
        if owner not in self._roots:
            self._roots[owner] = (
                self._context.tracking.get_run(owner).info.artifact_uri
                if run_id
                else self._context.tracking.get_logged_model(owner).artifact_location
            )
        return self._roots[owner]
