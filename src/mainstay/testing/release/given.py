"""What every suite of the release contract starts from."""

from __future__ import annotations

from uuid import uuid4

import pytest

from mainstay.entities.accounts import Principal
from mainstay.entities.digests import text_digest
from mainstay.entities.events import Event
from mainstay.entities.release import CheckResult, Evidence, Outcome, Verdict
from mainstay.stores.base import RegistryStore, ReleaseStore

DIGEST = "ab" * 32
GRACE = Principal(name="grace", authenticated=True, role="maintainer")
POLICY = "checks:\n  - kind: threshold\n    metric: auc\n    minimum: 0.5\n"


def evidence(name: str, version: int, *, kind: str = "quality", auc: float = 0.9) -> Evidence:
    """Make a measurement."""
    return Evidence(
        evidence_id=uuid4().hex,
        name=name,
        version=version,
        version_digest=DIGEST,
        kind=kind,
        values={"auc": auc, "rows": 100},
        dataset_digest="d1",
        at=1_700_000_000_000,
    )


def verdict(name: str, version: int, *, passed: bool = False) -> Verdict:
    """Make a decision."""
    outcome: Outcome = "pass" if passed else "fail"
    return Verdict(
        verdict_id=uuid4().hex[:16],
        name=name,
        alias="champion",
        version=version,
        version_digest=DIGEST,
        policy_digest=text_digest(POLICY),
        evidence_digest="e" * 64,
        baseline_version=None,
        passed=passed,
        checks=[CheckResult(check="auc", kind="threshold", outcome=outcome, observed=0.4)],
        at=1_700_000_000_000,
    )


class Given:
    """Gives each test a model of its own with three hashed versions, and a second person."""

    @pytest.fixture
    def second(self, store: ReleaseStore) -> ReleaseStore:
        """A store through which another person speaks."""
        return store

    @pytest.fixture
    def name(self, registry: RegistryStore) -> str:
        """A model with three hashed versions."""
        name = f"model-{uuid4().hex[:12]}"
        registry.create_registered_model(name)
        for n in (1, 2, 3):
            registry.create_model_version(name, f"s3://bucket/{n}", digest=DIGEST)
            registry.set_version_digest(name, n, DIGEST)  # to a server the first was a claim
        return name


def events(store: ReleaseStore) -> list[Event]:
    """Return every event, page by page."""
    found: list[Event] = []
    after = 0
    while page := store.list_events(after=after, limit=500):
        found += page
        after = page[-1].event_id
    return found
