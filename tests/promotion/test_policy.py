"""Reading policies."""

from __future__ import annotations

import datetime
from hashlib import sha256

import pytest

from mainstay.errors import BadInput
from mainstay.promotion import policy as policies
from mainstay.promotion.checks import CHECKS
from tests.promotion.cases import policy

WHOLE = """\
description: what a champion must be
checks:
  - name: floor
    kind: threshold
    metric: auc
    minimum: 0.85
  - kind: latency
    p99: 0.05
waivers:
  - check: latency
    who: ada
    why: the new machines arrive on Monday
    expires: 2030-01-31
"""


def test_a_policy_becomes_checks_and_waivers_bound_to_its_text() -> None:
    found = policies.parse(WHOLE)
    assert [(check.label, check.kind) for check in found.checks] == [
        ("floor", "threshold"),
        ("latency", "latency"),
    ]
    assert found.waivers[0].expires == datetime.date(2030, 1, 31)
    assert found.require_digest
    assert found.digest == sha256(WHOLE.encode()).hexdigest()


@pytest.mark.parametrize("kind", CHECKS.names())
def test_every_kind_of_check_refuses_a_field_it_does_not_know(kind: str) -> None:
    with pytest.raises(BadInput, match=r"line 2, checks\.0\.nonsense.*allowed: name"):
        policies.parse(policy(f"nonsense: 1, kind: {kind}"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("checks: []", "line 1: checks is empty"),
        ("cheks: []", "line 1, cheks: .*allowed: checks"),
        ("checks:\n- kind: nope", "line 2: .*'nope' is unknown; allowed: approval, .*threshold"),
        ("checks:\n- metric: auc", "line 2: the check has no kind"),
        ("checks:\n- kind: threshold\n  metric: a", "line 2.*minimum, a maximum"),
        ("checks:\n- kind: threshold\n  metric: a\n  minimum: x", r"line 4, checks\.0\.minimum"),
        ("checks:\n- kind: threshold\n  metric: a\n  minimum: .nan", "finite"),
        ("checks:\n- kind: threshold\n  metric: a\n  maximum: .inf", "finite"),
        ("checks:\n- kind: size\n  maximum: 50 parsecs", "no size"),
        ("checks:\n- kind: size\n  maximum: -1", "above zero"),
        ("checks:\n- kind: fresh\n  maximum_age: soon", "no span of time"),
        ("checks:\n- kind: approval\n  approvers: 0", "at least 1"),
        ("checks:\n- kind: schema\n- kind: schema", "line 3: two checks are called 'schema'"),
        ("checks:\n- kind: schema\n  kind: size", "line 3: 'kind' is given twice"),
        (WHOLE.replace("check: latency", "check: other"), "no check is called 'other'"),
        (WHOLE.replace("2030-01-31", "soon"), r"line 13, waivers\.0\.expires"),
        (WHOLE.replace("who: ada", "who: ' '"), "who and why"),
        ("checks: [", "line .*not YAML"),
        ("a: &x [1]\nchecks: *x", "line 2: YAML aliases"),
        ("checks: !!python/object/apply:os.system [ls]", "not YAML"),
        ("a: 2030-13-45", "cannot be read"),
        ("- 1", "line 1"),
        ("checks:\n- 3", "line 2"),
        ("\x00", "not YAML"),
        ("[" * 10_000, "cannot be read|not YAML"),
        ("#" * 70_000, "longer than"),
    ],
)
def test_a_policy_that_cannot_be_read_says_where_and_why(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        policies.parse(text)


def test_an_approval_cannot_be_waived() -> None:
    waiver = "waivers: [{check: approval, who: a, why: b, expires: 2030-01-01}]\n"
    with pytest.raises(BadInput, match=r"line 3: .*cannot be waived"):
        policies.parse(policy("kind: approval", more=waiver))


def test_a_waiver_holds_to_the_end_of_its_day() -> None:
    end = datetime.datetime(2030, 2, 1, tzinfo=datetime.UTC)
    assert policies.parse(WHOLE).waivers[0].until == int(end.timestamp() * 1000)
