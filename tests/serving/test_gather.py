"""The data of many requests come together column by column, whatever they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mainstay.serving import gather


def test_frames_arrays_and_dictionaries_come_together() -> None:
    found = gather.columns(
        [
            pd.DataFrame({"0": [1.0], "1": [2.0]}),
            np.array([[3.0, 4.0], [5.0, 6.0]]),
            {"0": np.array([7.0]), "1": np.array([8.0])},
        ]
    )
    assert {name: list(column) for name, column in found.items()} == {
        "0": [1.0, 3.0, 5.0, 7.0],
        "1": [2.0, 4.0, 6.0, 8.0],
    }


def test_a_column_that_a_part_lacks_is_null_there() -> None:
    found = gather.columns([pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [2.0], "b": ["x"]})])
    assert list(found["a"]) == [1.0, 2.0]
    assert list(found["b"].isna()) == [True, False]


@pytest.mark.parametrize("part", [np.zeros((2, 2, 2)), [1, 2], "text", None, {}, {"a": 3}])
def test_what_is_no_table_is_left_out(part: Any) -> None:
    assert gather.columns([part]) == {}


def test_predictions_come_together_one_value_a_row() -> None:
    assert list(gather.values([np.array([1.0]), np.array([[2.0, 9.0], [3.0, 9.0]])])) == [1, 2, 3]
    frame = pd.DataFrame({"label": ["no"], "p": [0.5]})
    assert list(gather.values([["yes"], frame, pd.Series(["maybe"])])) == ["yes", "no", "maybe"]
    assert list(gather.values([np.zeros((1, 2, 3)), {"a": 1}])) == []
