"""Windows add up exactly, whatever the order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.entities.monitoring import WindowCounts
from mainstay.errors import BadInput
from mainstay.monitoring import windows

bins = st.lists(st.integers(0, 10**12), min_size=4, max_size=4).map(tuple)
counted = st.builds(
    WindowCounts,
    window_id=st.uuids().map(str),
    deployment=st.just("m@champion"),
    name=st.just("m"),
    version=st.just(1),
    start=st.integers(0, 10**6),
    end=st.integers(10**6, 10**7),
    requests=st.integers(0, 10**12),
    rows=st.integers(0, 10**12),
    errors=st.integers(0, 10**6),
    rejected=st.integers(0, 10**6),
    latency=bins,
    features=st.dictionaries(st.sampled_from(["a", "b", "c"]), bins),
    predictions=st.one_of(st.just(()), bins),
)


@given(st.lists(counted, max_size=8), st.randoms())
def test_the_order_of_windows_does_not_matter(made, random) -> None:
    mixed = list(made)
    random.shuffle(mixed)
    assert windows.merge(mixed) == windows.merge(made)


@given(st.lists(counted, max_size=8), st.integers(0, 8))
def test_totals_of_totals_are_the_totals(made, cut) -> None:
    parts = windows.add(windows.merge(made[:cut]), windows.merge(made[cut:]))
    assert parts == windows.merge(made)


@given(counted)
def test_nothing_added_changes_nothing(window) -> None:
    assert windows.add(windows.of(window), windows.NOTHING) == windows.of(window)


def test_sums_are_those_of_the_parts() -> None:
    one = WindowCounts(
        window_id="1", deployment="d", name="m", version=1, start=5, end=9,
        requests=10, errors=2, rejected=2, latency=(1, 2), features={"a": (1, 2, 3)},
    )  # fmt: skip
    two = WindowCounts(
        window_id="2", deployment="d", name="m", version=1, start=3, end=7,
        requests=5, errors=1, latency=(3, 4), features={"a": (1, 1, 1), "b": (9,)},
    )  # fmt: skip
    total = windows.merge([one, two])
    assert (total.start, total.end) == (3, 9)
    assert (total.requests, total.errors, total.judged) == (15, 3, 13)
    assert total.error_rate == pytest.approx(3 / 13)
    assert total.latency == (4, 6)
    assert total.features == {"a": (2, 3, 4), "b": (9,)}


def test_counts_in_other_bins_are_refused_by_name() -> None:
    one = windows.Totals(features={"age": (1, 2)})
    two = windows.Totals(features={"age": (1, 2, 3)})
    with pytest.raises(BadInput, match="age was counted in 2 and in 3 bins"):
        windows.add(one, two)
