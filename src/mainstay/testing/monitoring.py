"""The contract of monitoring stores as tests: subclass, and give a fixture ``store``."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mainstay.entities.monitoring import (
    Action,
    Alert,
    Deployment,
    FeatureDrift,
    Report,
    WindowCounts,
)
from mainstay.errors import BadInput, NotFound
from mainstay.stores.base import MonitoringStore


def window(deployment: str, start: int, end: int, *, version: int = 1) -> WindowCounts:
    """Make counts."""
    return WindowCounts(
        window_id=uuid4().hex,
        deployment=deployment,
        name="churn",
        version=version,
        start=start,
        end=end,
        requests=5,
        rows=9,
        errors=1,
        rejected=2,
        latency=(1, 4),
        features={"age": (3, 6, 0)},
        predictions=(4, 5),
    )


def report(deployment: str, end: int) -> Report:
    """Make a report."""
    drift = FeatureDrift(
        feature="age",
        detector="psi",
        score=0.4,
        threshold=0.1,
        effect=0.4,
        p_value=0.0,
        drifted=True,
    )
    return Report(
        report_id=uuid4().hex,
        deployment=deployment,
        name="churn",
        version=1,
        start=end - 10,
        end=end,
        requests=5,
        rows=9,
        errors=1,
        error_rate=0.2,
        latency_p50=0.01,
        latency_p99=float("nan"),
        features=[drift],
    )


def alert(deployment: str, **changes: object) -> Alert:
    """Make an alert."""
    made = Alert(
        alert_id=f"{deployment}/input_drift/age",
        deployment=deployment,
        name="churn",
        version=1,
        kind="input_drift",
        subject="age",
        state="pending",
        value=0.4,
        threshold=0.1,
        updated_at=1_700_000_000_000,
    )
    return replace(made, **changes)


class MonitoringContract:
    """What any monitoring store does."""

    @pytest.fixture
    def deployment(self) -> str:
        """A deployment that no other test uses."""
        return f"model-{uuid4().hex[:12]}@champion"

    def test_windows_read_back_oldest_first(self, store: MonitoringStore, deployment: str) -> None:
        late, early = window(deployment, 100, 200), window(deployment, 0, 100)
        store.add_windows([late, early])
        store.add_windows([window(deployment + "-other", 0, 100)])
        assert store.list_windows(deployment) == [early, late]

    def test_a_window_sent_twice_counts_once(self, store: MonitoringStore, deployment: str) -> None:
        once = window(deployment, 0, 100)
        store.add_windows([once, once])
        store.add_windows([once])
        assert store.list_windows(deployment) == [once]

    def test_windows_are_chosen_by_their_end_and_version(
        self, store: MonitoringStore, deployment: str
    ) -> None:
        made = [
            window(deployment, n, n + 100, version=n % 200 // 100 + 1) for n in range(0, 500, 100)
        ]
        store.add_windows(made)
        assert store.list_windows(deployment, since=200, until=400) == made[2:4]
        assert store.list_windows(deployment, version=2) == [made[1], made[3]]

    def test_a_window_that_cannot_be_is_refused(
        self, store: MonitoringStore, deployment: str
    ) -> None:
        with pytest.raises(BadInput):
            store.add_windows([window(deployment, 0, 1), window(deployment, 10, 5)])
        assert store.list_windows(deployment) == []

    def test_reports_read_back_newest_first(self, store: MonitoringStore, deployment: str) -> None:
        first, last = report(deployment, 100), report(deployment, 200)
        store.record_report(first)
        store.record_report(last)
        store.record_report(last)
        found = store.list_reports(deployment)
        assert [item.report_id for item in found] == [last.report_id, first.report_id]
        assert found[0].features == last.features
        assert str(found[0].latency_p99) == "nan"
        assert len(store.list_reports(deployment, limit=1)) == 1

    def test_alerts_are_overwritten_by_their_id(
        self, store: MonitoringStore, deployment: str
    ) -> None:
        store.put_alerts([alert(deployment)])
        firing = alert(deployment, state="firing", updated_at=1_700_000_000_001)
        store.put_alerts([firing])
        assert store.list_alerts(deployment=deployment) == [firing]
        assert firing in store.list_alerts(firing=True)
        store.put_alerts([alert(deployment, state="resolved", updated_at=1_700_000_000_002)])
        assert firing not in store.list_alerts(firing=True)

    def test_an_action_is_claimed_once_however_many_try(
        self, store: MonitoringStore, deployment: str
    ) -> None:
        action = Action(
            action_id=uuid4().hex,
            alert_id=deployment,
            kind="rollback",
            done=False,
            detail="started",
            at=1_700_000_000_000,
        )
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda _: store.record_action(action), range(8)))
        assert won.count(True) == 1
        store.finish_action(action.action_id, done=True, detail="back to v1")
        assert store.list_actions(alert_id=deployment) == [
            replace(action, done=True, detail="back to v1")
        ]

    def test_an_action_that_nobody_claimed_is_not_found(self, store: MonitoringStore) -> None:
        with pytest.raises(NotFound):
            store.finish_action(uuid4().hex, done=True, detail="")

    def test_actions_read_back_newest_first(self, store: MonitoringStore, deployment: str) -> None:
        made = [
            Action(
                action_id=uuid4().hex,
                alert_id=deployment,
                kind="notify",
                done=True,
                detail="",
                at=1_700_000_000_000 + n,
            )
            for n in range(3)
        ]
        for action in made:
            store.record_action(action)
        assert store.list_actions(alert_id=deployment) == made[::-1]
        assert store.list_actions(alert_id=deployment, limit=1) == [made[2]]

    def test_a_deployment_says_what_it_is_now(
        self, store: MonitoringStore, deployment: str
    ) -> None:
        said = Deployment(
            deployment=deployment,
            uri="models:/churn@champion",
            name="churn",
            desired_version=2,
            serving_version=1,
            url="http://127.0.0.1:8080",
            state="swapping",
            updated_at=1_700_000_000_000,
        )
        store.put_deployment(said)
        now = replace(said, serving_version=2, state="serving", updated_at=1_700_000_000_001)
        store.put_deployment(now)
        mine = [item for item in store.list_deployments() if item.deployment == deployment]
        assert mine == [now]
