"""Reference bins: every row is counted once, in the same bins by everybody."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadInput, InvalidModel
from mainstay.packaging.profile import BINS, CATEGORIES, FILE, Profile, read_profile

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "number": RNG.normal(size=1000),
        "gaps": np.where(RNG.random(1000) < 0.1, np.nan, RNG.normal(size=1000)),
        "label": RNG.integers(0, 3, 1000),
        "constant": 7.0,
        "flag": RNG.random(1000) < 0.5,
        "city": RNG.choice(["x", "y", None], 1000),
        "id": [f"user {i}" for i in range(1000)],
        "shop": [f"shop {i % 60}" for i in range(1000)],
    }
)
PROFILE = Profile.from_data(FRAME, FRAME["number"] > 0)


def counts(profile: Profile, name: str) -> tuple[int, ...]:
    """Return the reference counts of a feature."""
    return next(feature.counts for feature in profile.features if feature.name == name)


def test_deciles_hold_a_tenth_each() -> None:
    assert counts(PROFILE, "number") == (100,) * BINS + (0, 0)


def test_nulls_are_counted_beside_the_bins() -> None:
    assert counts(PROFILE, "gaps")[-1] == int(FRAME["gaps"].isna().sum())
    assert counts(PROFILE, "city")[-1] == int(FRAME["city"].isna().sum())


def test_few_values_have_a_bin_each() -> None:
    assert counts(PROFILE, "label") == (*np.bincount(FRAME["label"]).tolist(), 0, 0)
    assert counts(PROFILE, "constant") == (1000, 0, 0)
    assert PROFILE.predictions is not None
    assert PROFILE.predictions.categories == ("False", "True") or (
        sorted(PROFILE.predictions.categories) == ["False", "True"]
    )


def test_only_the_most_frequent_categories_are_kept_and_no_rows() -> None:
    assert len(counts(PROFILE, "shop")) == CATEGORIES + 2
    assert counts(PROFILE, "shop")[-2] == 10 * 16  # 1000 rows of 60 shops: 40 of 17, 20 of 16
    assert counts(PROFILE, "id") == (1000, 0)


def test_names_of_people_are_no_categories_and_stay_at_home(tmp_path: Path) -> None:
    names = [f"person {number}" for number in range(500)] + ["guest"] * 20
    profile = Profile.from_data(pd.DataFrame({"name": names, "id": [n[::-1] for n in names]}))
    profile.write(tmp_path)
    assert "person" not in (tmp_path / FILE).read_text()
    assert profile.features[0].categories == ("guest",)
    assert profile.features[0].counts == (20, 500, 0)


def test_a_column_of_nothing_but_ids_is_counted_as_unseen() -> None:
    (feature,) = Profile.from_data({"id": [f"n{number}" for number in range(100)]}).features
    assert feature.categories == ()
    assert feature.counts == (100, 0)
    assert feature.count(["n1", "other", None]) == (2, 1)


def test_every_reference_row_is_counted_once_in_every_feature() -> None:
    assert {sum(feature.counts) for feature in PROFILE.features} == {1000}


def test_counting_the_reference_again_gives_the_reference_counts() -> None:
    again = PROFILE.count({name: FRAME[name] for name in FRAME.columns})
    assert again == {feature.name: feature.counts for feature in PROFILE.features}
    lists = PROFILE.count({name: FRAME[name].tolist() for name in FRAME.columns})
    assert lists == again


def test_what_training_never_saw_is_unseen() -> None:
    found = PROFILE.count(
        {"number": [99.0, -99.0, "what"], "city": ["z", "x", None], "label": [3, 1, 2]}
    )
    assert found["number"][-2:] == (3, 0)
    assert found["city"][-2:] == (1, 1)
    assert found["label"] == (0, 1, 1, 1, 0)


def test_a_column_that_is_not_sent_counts_as_null() -> None:
    assert PROFILE.count({"number": [0.0, 0.1]})["city"] == (0, 0, 0, 2)


@given(
    st.lists(
        st.none() | st.floats() | st.integers() | st.text(max_size=3) | st.booleans(), max_size=8
    )
)
def test_every_value_is_counted_exactly_once(values: list[Any]) -> None:
    for feature in PROFILE.features:
        found = feature.count(values)
        assert len(found) == feature.bins + 2
        assert sum(found) == len(values)
        assert min(found) >= 0


@given(st.lists(st.floats(allow_nan=True), min_size=1, max_size=30))
def test_any_column_of_floats_can_be_profiled(values: list[float]) -> None:
    profile = Profile.from_data(pd.DataFrame({"v": values}))
    (feature,) = profile.features
    assert sum(feature.counts) == len(values)
    assert feature.counts[-1] == sum(math.isnan(value) for value in values)
    assert list(feature.edges) == sorted(set(feature.edges))


def test_predictions_of_several_columns_count_by_the_first() -> None:
    profile = Profile.from_data(np.zeros((4, 2)), np.array([[0.1, 0.9]] * 4))
    assert [feature.name for feature in profile.features] == ["0", "1"]
    assert profile.count_predictions(np.array([[0.1, 0.9], [0.5, 0.5]])) == (1, 1, 0)
    assert Profile.from_data(np.zeros((4, 2))).count_predictions([1]) == ()


def test_no_rows_make_no_profile() -> None:
    with pytest.raises(BadInput, match="at least one row"):
        Profile.from_data(FRAME.head(0))


def test_the_file_is_read_again_as_it_was_written(tmp_path: Path) -> None:
    assert read_profile(tmp_path) is None
    PROFILE.write(tmp_path)
    assert read_profile(tmp_path) == PROFILE
    (tmp_path / FILE).write_text('{"rows": "many"}')
    with pytest.raises(InvalidModel, match="mainstay_profile"):
        read_profile(tmp_path)
