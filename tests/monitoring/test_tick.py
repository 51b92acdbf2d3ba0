"""One tick after another on real stores: what fires, what is done, and that it is done once."""

from __future__ import annotations

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from mainstay.connect import Stores
from mainstay.entities.monitoring import Action, Alert
from mainstay.errors import AliasNotFound, BadInput, NotFound
from mainstay.monitoring import actions
from mainstay.monitoring.policy import DEFAULT, MonitorPolicy, parse
from mainstay.monitoring.served import find
from mainstay.monitoring.tick import tick
from tests.monitoring.traffic import DEPLOYMENT, NAME, customers, profile, window

REFERENCE = profile()


class Clock:
    """Seconds that pass when a test says so, from a second after the alias last moved."""

    def __init__(self) -> None:
        self.seeds = itertools.count(100)
        self.now = time.time_ns() // 1_000_000 + 1000

    def tick(self, stores: Stores, policy: MonitorPolicy = DEFAULT):
        """Let the monitor look, a moment after the last window."""
        return tick(stores, DEPLOYMENT, policy=policy, now=self.now + 10)

    def healthy(self, stores: Stores, version: int, seconds: int = 3, shift: float = 0.0) -> None:
        """Serve 50 requests a second without an error."""
        for _ in range(seconds):
            self.now += 1000
            frame = customers(50, next(self.seeds), shift=shift)
            made = window(version, end=self.now, frame=frame, reference=REFERENCE)
            stores.monitoring.add_windows([made])

    def failing(self, stores: Stores, version: int, seconds: int = 3) -> None:
        """Serve 50 requests a second of which 15 fail."""
        for _ in range(seconds):
            self.now += 1000
            frame = customers(35, next(self.seeds))
            made = window(version, end=self.now, frame=frame, reference=REFERENCE, errors=15)
            stores.monitoring.add_windows([made])


@pytest.fixture
def clock(stores: Stores) -> Clock:
    return Clock()


def holder(stores: Stores) -> int:
    return stores.registry.get_version_by_alias(NAME, "champion").version


def firing(stores: Stores) -> list[Alert]:
    return stores.monitoring.list_alerts(deployment=DEPLOYMENT, firing=True)


def of_kind(stores: Stores, kind: str) -> list[Action]:
    return [action for action in stores.monitoring.list_actions() if action.kind == kind]


def promote(stores: Stores, version: int) -> Clock:
    stores.registry.set_alias(NAME, "champion", version)
    return Clock()


def test_an_error_burst_on_the_new_version_takes_the_alias_back_once(stores, clock) -> None:
    clock.healthy(stores, 1)
    clock.tick(stores)
    clock = promote(stores, 2)
    clock.failing(stores, 2)
    report = clock.tick(stores)
    assert report.version == 2
    assert holder(stores) == 1
    (alert,) = firing(stores)
    assert (alert.kind, alert.version) == ("error_rate", 2)
    (action,) = of_kind(stores, "rollback")
    assert action.done
    assert action.alert_id == alert.alert_id
    assert action.detail == "churn@champion went from version 2 back to 1"
    last = stores.registry.alias_history(NAME, "champion")[-1]
    assert (last.kind, last.previous, last.version) == ("rollback", 2, 1)
    assert last.principal.startswith("monitor")
    assert "error_rate alert" in last.reason

    clock.failing(stores, 2, seconds=1)  # what was under way still fails
    clock.tick(stores)
    assert holder(stores) == 1
    assert len(of_kind(stores, "rollback")) == 1
    assert firing(stores) == []


def test_drifting_inputs_raise_an_alert_that_names_the_feature_and_nothing_else(
    stores, clock
) -> None:
    clock = promote(stores, 2)
    for _ in range(3):
        clock.healthy(stores, 2, shift=0.8)
        clock.tick(stores)
    alerts = [alert for alert in firing(stores) if alert.kind == "input_drift"]
    assert [alert.subject for alert in alerts] == ["age"]
    assert "the input 'age' drifted" in alerts[0].message
    assert holder(stores) == 2
    assert of_kind(stores, "rollback") == []
    assert {action.alert_id for action in of_kind(stores, "notify")} == {
        alert.alert_id for alert in firing(stores)
    }


def test_one_odd_window_is_no_alert_and_quiet_ends_one(stores, clock) -> None:
    clock.healthy(stores, 1, shift=0.8)
    clock.tick(stores)
    assert firing(stores) == []
    clock.healthy(stores, 1, shift=0.8)
    clock.tick(stores)
    assert "age" in [alert.subject for alert in firing(stores)]
    for _ in range(4):
        clock.healthy(stores, 1)
        clock.tick(stores)
    assert "age" not in [alert.subject for alert in firing(stores)]
    states = {a.subject: a.state for a in stores.monitoring.list_alerts(deployment=DEPLOYMENT)}
    assert states["age"] == "resolved"


def test_rows_are_judged_in_one_report_only_and_few_rows_wait(stores, clock) -> None:
    clock.healthy(stores, 1, seconds=1)
    assert clock.tick(stores).rows == 50
    assert stores.monitoring.list_reports(DEPLOYMENT) == []
    clock.healthy(stores, 1, seconds=1)
    assert clock.tick(stores).rows == 100
    (kept,) = stores.monitoring.list_reports(DEPLOYMENT)
    assert kept.rows == 100
    assert len(kept.features) == 3
    again = clock.tick(stores)
    assert again.rows == 0
    assert len(stores.monitoring.list_reports(DEPLOYMENT)) == 1


def test_errors_that_the_version_before_had_as_well_move_nothing(stores, clock) -> None:
    clock.failing(stores, 1)
    clock = promote(stores, 2)
    clock.failing(stores, 2)
    clock.tick(stores)
    assert [alert.kind for alert in firing(stores)] == ["error_rate"]
    assert holder(stores) == 2
    (note,) = of_kind(stores, "notify")
    assert note.detail.endswith("not rolled back: version 1 failed as often")


def test_a_version_that_came_by_a_rollback_is_left_to_people(stores, clock) -> None:
    clock = promote(stores, 2)
    clock.failing(stores, 2)
    clock.tick(stores)
    assert holder(stores) == 1
    clock = Clock()
    clock.failing(stores, 1)
    clock.tick(stores)
    assert holder(stores) == 1
    assert any(alert.version == 1 for alert in firing(stores))
    assert any("a person must decide" in action.detail for action in of_kind(stores, "notify"))


def test_the_first_version_has_nothing_to_go_back_to(stores, clock) -> None:
    clock.failing(stores, 1)
    clock.tick(stores)
    assert holder(stores) == 1
    assert of_kind(stores, "rollback") == []
    assert "no version held 'champion' before" in of_kind(stores, "notify")[0].detail


def test_long_after_the_move_the_version_is_not_blamed(stores, clock) -> None:
    clock = promote(stores, 2)
    clock.now += 2 * 86_400_000
    clock.failing(stores, 2)
    clock.tick(stores)
    assert holder(stores) == 2
    assert "what changed is not the model" in of_kind(stores, "notify")[0].detail


def test_a_policy_may_ask_to_be_told_only(stores, clock) -> None:
    clock = promote(stores, 2)
    clock.failing(stores, 2)
    clock.tick(stores, parse("error_rate: {action: notify}"))
    assert [alert.kind for alert in firing(stores)] == ["error_rate"]
    assert holder(stores) == 2


def test_drift_may_ask_for_training_once_in_a_cool_down(stores, clock) -> None:
    policy = parse("input_drift: {action: retrain, breaches: 1, windows: 1, clear: 1}")
    for shift in (0.8, 0.0, 0.8):
        clock.healthy(stores, 1, shift=shift)
        clock.tick(stores, policy)
    (request,) = [a for a in of_kind(stores, "retrain") if "'age'" in a.detail]
    assert not request.done
    assert "churn is to be trained anew" in request.detail


def test_two_monitors_at_once_roll_back_once(stores, clock) -> None:
    clock = promote(stores, 2)
    clock.failing(stores, 2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: clock.tick(stores), range(4)))
    assert holder(stores) == 1
    (action,) = of_kind(stores, "rollback")
    assert action.done
    kinds = [change.kind for change in stores.registry.alias_history(NAME, "champion")]
    assert kinds.count("rollback") == 1


def test_a_rollback_that_a_dead_monitor_claimed_is_taken_over(stores, clock) -> None:
    clock = promote(stores, 2)
    clock.failing(stores, 2)
    clock.tick(stores, parse("error_rate: {action: notify}"))
    (alert,) = firing(stores)
    claim = actions.claim(alert, find(stores.registry, DEPLOYMENT), clock.now)
    assert stores.monitoring.record_action(claim)
    clock.tick(stores)
    assert holder(stores) == 2  # the claim is fresh: its owner may be at it
    clock.now += actions.TAKE_OVER
    clock.failing(stores, 2)
    clock.tick(stores)
    assert holder(stores) == 1
    (action,) = of_kind(stores, "rollback")
    assert action.done


def test_a_rollback_whose_monitor_died_after_the_move_is_finished(stores, clock) -> None:
    clock = promote(stores, 2)
    clock.failing(stores, 2)
    clock.tick(stores, parse("error_rate: {action: notify}"))
    (alert,) = firing(stores)
    served = find(stores.registry, DEPLOYMENT)
    assert stores.monitoring.record_action(actions.claim(alert, served, clock.now))
    actions.rollback(
        stores.registry, stores.release, NAME, "champion",
        by=actions.MONITOR, reason="errors", expected=2,
    )  # fmt: skip
    clock.tick(stores)
    (action,) = of_kind(stores, "rollback")
    assert action.done
    assert action.detail == "churn@champion is on version 1 by now"


def test_a_fixed_version_has_no_alias_to_move(stores, clock) -> None:
    made = window(2, end=clock.now, requests=100, errors=40)
    stores.monitoring.add_windows([msgspec.structs.replace(made, deployment="churn/2")])
    tick(stores, "churn/2", now=clock.now + 1)
    alerts = stores.monitoring.list_alerts(deployment="churn/2", firing=True)
    assert [alert.kind for alert in alerts] == ["error_rate"]
    assert "follows no alias" in of_kind(stores, "notify")[0].detail


def test_setting_the_alias_to_its_holder_again_is_no_new_move(stores, clock) -> None:
    promote(stores, 2)
    before = find(stores.registry, DEPLOYMENT)
    stores.registry.set_alias(NAME, "champion", 2)
    after = find(stores.registry, DEPLOYMENT)
    assert before.change == after.change
    assert after.previous == 1


def test_no_traffic_is_a_report_too(stores, clock) -> None:
    report = clock.tick(stores)
    assert (report.requests, report.version, report.features) == (0, 1, [])
    assert firing(stores) == []


def test_a_worker_that_counts_wrongly_stops_nobody(stores, clock) -> None:
    clock.healthy(stores, 1)
    wrong = msgspec.structs.replace(
        window(1, end=clock.now, requests=5),
        features={"age": (1, 2, 3), "plan": (-9, 0, 0, 0, 0), "shoe": (4,)},
        predictions=(1,),
        latency=(1, 1),
    )
    stores.monitoring.add_windows([wrong])
    report = clock.tick(stores)
    assert report.requests == 155
    assert sorted(feature.feature for feature in report.features) == ["age", "income", "plan"]
    assert not any(feature.drifted for feature in report.features)


def test_what_is_not_there_is_said_in_words(stores, clock) -> None:
    with pytest.raises(AliasNotFound, match="challenger"):
        tick(stores, "churn@challenger", now=clock.now)
    with pytest.raises(NotFound, match="nobody"):
        tick(stores, "nobody@champion", now=clock.now)
    with pytest.raises(BadInput, match="write <model>@<alias>"):
        tick(stores, "churn", now=clock.now)
