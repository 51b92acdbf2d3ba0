"""The release contract: requests are decided once, by another person."""

from __future__ import annotations

from uuid import uuid4

import pytest

from mainstay.entities.digests import evidence_digest, text_digest
from mainstay.entities.release import Approval
from mainstay.errors import Conflict, NotFound
from mainstay.stores.base import ReleaseStore
from mainstay.testing.release.given import DIGEST, GRACE, POLICY, Given


class ApprovalsContract(Given):
    """Requests are decided once, by another person."""

    @pytest.fixture
    def request_for(self, store: ReleaseStore, name: str) -> Approval:
        """A pending request to approve version 1."""
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        return store.request_approval(
            Approval(
                approval_id=uuid4().hex[:16],
                name=name,
                alias="champion",
                version=1,
                version_digest=DIGEST,
                policy_digest=text_digest(POLICY),
                evidence_digest=evidence_digest([]),
                requested_by="ada",
                requested_at=1_700_000_000_000,
            )
        )

    def test_a_request_is_approved_by_another_person(
        self, store: ReleaseStore, second: ReleaseStore, request_for: Approval, name: str
    ) -> None:
        assert request_for.state == "pending"
        assert request_for in store.list_approvals(name=name, state="pending")
        decided = second.decide_approval(
            request_for.approval_id, "approved", reason="looks right", by=GRACE
        )
        assert (decided.state, decided.decided_by) == ("approved", "grace")
        assert decided.reason == "looks right"
        assert decided.decided_at is not None
        assert store.list_approvals(name=name) == [decided]

    def test_a_request_is_decided_once(self, second: ReleaseStore, request_for: Approval) -> None:
        second.decide_approval(request_for.approval_id, "rejected", by=GRACE)
        with pytest.raises(Conflict, match="rejected"):
            second.decide_approval(request_for.approval_id, "approved", by=GRACE)

    def test_an_unknown_request_is_not_found(self, second: ReleaseStore) -> None:
        with pytest.raises(NotFound):
            second.decide_approval("nope", "approved", by=GRACE)
