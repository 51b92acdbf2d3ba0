"""The states of an alert, step by step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mainstay.entities.monitoring import Alert
from mainstay.monitoring import alerts
from mainstay.monitoring.alerts import Finding
from mainstay.monitoring.policy import Persistence

RULE = Persistence(breaches=2, windows=3, clear=2)
WORDS = {"B": "breach", "n": "near", ".": "clear"}


def finding(levels: str) -> Finding:
    """Levels as letters, oldest first: B breach, n near, . clear."""
    return Finding(
        kind="input_drift",
        subject="age",
        levels=tuple(WORDS[letter] for letter in reversed(levels)),
        value=1.0,
        threshold=0.5,
        message="the input 'age' drifted",
    )


def walk(levels: str, rule: Persistence = RULE) -> list[Alert]:
    """Return the alert after each of these windows."""
    alert = alerts.new("m@champion", "m", 1, finding("B"))
    steps = []
    for step in range(1, len(levels) + 1):
        alert = alerts.advance(alert, finding(levels[:step]), rule, now=step)
        steps.append(alert)
    return steps


def states(levels: str, rule: Persistence = RULE) -> str:
    letter = {"inactive": "i", "pending": "p", "firing": "F", "resolved": "r"}
    return "".join(letter[alert.state] for alert in walk(levels, rule))


def test_two_breaches_of_three_fire() -> None:
    assert states("BB") == "pF"
    assert states("B.B") == "ppF"
    assert states("B..B") == "pppp"


def test_one_breach_alone_passes_by() -> None:
    assert states("B...") == "pppi"
    assert states("....") == "iiii"


def test_an_alert_ends_only_after_quiet_windows_in_a_row() -> None:
    assert states("BB.n.n") == "pFFFFF"
    assert states("BB.n..") == "pFFFFr"
    assert states("BB..") == "pFFr"


def test_a_resolved_alert_is_not_reopened_by_what_once_fired_it() -> None:
    once = Persistence(breaches=1, windows=3, clear=1)
    assert states("B..", once) == "Frr"
    assert states("B..B", once) == "FrrF"
    assert states("BB..B.") == "pFFrpp"


def test_the_streak_and_the_times_are_kept() -> None:
    steps = walk("BBB..")
    assert [alert.streak for alert in steps] == [1, 2, 3, 0, 0]
    assert [alert.since for alert in steps] == [1, 2, 2, 2, 5]
    assert steps[-1].message.startswith("over: ")


def test_an_unchanged_alert_keeps_its_time() -> None:
    firing = walk("BBB")[-1]
    again = alerts.advance(firing, finding("BBB"), RULE, now=99)
    assert again == firing


def test_one_subject_of_one_version_is_one_alert() -> None:
    one = alerts.new("m@champion", "m", 1, finding("B"))
    assert one.alert_id == alerts.new("m@champion", "m", 1, finding(".")).alert_id
    assert one.alert_id != alerts.new("m@champion", "m", 2, finding("B")).alert_id


def test_an_alert_of_a_version_that_is_gone_is_closed_with_the_reason() -> None:
    closed = alerts.close(walk("BB")[-1], "version 1 no longer serves", now=7)
    assert (closed.state, closed.message, closed.since) == (
        "resolved",
        "version 1 no longer serves",
        7,
    )


rules = st.integers(1, 4).flatmap(
    lambda k: st.builds(
        Persistence, breaches=st.just(k), windows=st.integers(k, 6), clear=st.integers(1, 4)
    )
)


@given(st.text("Bn.", min_size=1, max_size=30), rules)
def test_firing_always_rests_on_enough_breaches_and_ends_on_enough_quiet(levels, rule) -> None:
    steps = walk(levels, rule)
    for place, (before, after) in enumerate(zip([None, *steps], steps, strict=False)):
        was = before.state if before else "inactive"
        seen = levels[: place + 1]
        if after.state == "firing" and was != "firing":
            assert seen[-rule.windows :].count("B") >= rule.breaches
            assert seen[-1] == "B"
        if was == "firing" and after.state == "resolved":
            assert seen[-rule.clear :] == "." * rule.clear
        assert not (was == "firing" and after.state in ("inactive", "pending"))
