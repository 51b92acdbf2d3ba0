"""Monitor policies: defaults, and errors that name what is wrong."""

from __future__ import annotations

import pytest

from mainstay.errors import BadInput
from mainstay.monitoring.policy import DEFAULT, parse


def test_an_empty_policy_is_the_default() -> None:
    assert parse("") == parse("{}") == DEFAULT
    assert DEFAULT.error_rate.action == "rollback"
    assert DEFAULT.input_drift.action == "notify"


def test_what_is_given_is_taken_and_the_rest_stays() -> None:
    found = parse("window: 60\nerror_rate: {harmful: 0.2, action: notify}\n")
    assert found.window == 60
    assert (found.error_rate.harmful, found.error_rate.healthy) == (0.2, 0.01)
    assert found.error_rate.action == "notify"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("input_drift: {action: rollback}", "rollback"),
        ("input_drift: {detektor: psi}", "detektor"),
        ("input_drift: {detector: guess}", "no detector is called 'guess'"),
        ("input_drift: {q: 2}", "q must be between 0 and 1"),
        ("input_drift: {breaches: 4, windows: 3}", "breaches <= windows"),
        ("input_drift: {effect: .nan}", "effect must be a number"),
        ("error_rate: {healthy: 0.5, harmful: 0.1}", "0 < healthy < harmful < 1"),
        ("latency: {p99: 0}", "above zero"),
        ("window: -1", "window must be"),
        ("windows: 1", "windows"),
        ("- 1", "object"),
        ("a: [", "not YAML"),
    ],
)
def test_a_wrong_policy_is_refused_in_words(text, words) -> None:
    with pytest.raises(BadInput, match="monitor policy") as refusal:
        parse(text)
    assert words in refusal.value.message
