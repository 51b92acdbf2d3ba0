"""Prophet: the contract, and interchange with mlflow. Its files are data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mainstay import prophet as flavor
from mainstay.errors import BadInput, InvalidModel
from mainstay.models import loading
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

prophet = library("prophet")

DAYS = pd.DataFrame(
    {
        "ds": pd.date_range("2024-01-01", periods=60),
        "y": np.arange(60) + np.sin(np.arange(60)),
    }
)
AHEAD = pd.DataFrame({"ds": pd.date_range("2024-03-01", periods=3)})


def fitted(samples: int = 0) -> prophet.Prophet:
    """Fit a forecaster; ``samples`` are drawn for its intervals."""
    return prophet.Prophet(uncertainty_samples=samples).fit(DAYS)


class TestContract(FlavorContract):
    flavor_name = "prophet"

    @pytest.fixture
    def case(self) -> FlavorCase:
        model = fitted()
        return FlavorCase(model=model, data=AHEAD, predictions=model.predict(AHEAD))

    def test_the_files_are_data_only(self, folder: Path) -> None:
        assert FLAVORS.get("prophet").asks(folder, mlmodel.read(folder)) == ()
        assert loading.load_model(str(folder), trust=False).signature is not None


class TestInterchange(Interchange):
    tolerance = 1e-9
    program = """
import prophet
days = pd.DataFrame({
    "ds": pd.date_range("2024-01-01", periods=60), "y": np.arange(60) + np.sin(np.arange(60))
})
model = prophet.Prophet(uncertainty_samples=0).fit(days)
ahead = pd.DataFrame({"ds": pd.date_range("2024-03-01", periods=3)})
mlflow.prophet.save_model(model, place + "days", input_example=ahead)
"""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        flavor.save_model(fitted(), place / "days", input_example=AHEAD)

    def same(self, found: object, expected: object) -> None:
        """Compare the dates as text and the rest as numbers."""
        ours, theirs = np.asarray(found), np.asarray(expected, dtype=object)
        assert [str(row[0]) for row in ours] == [str(row[0]) for row in theirs]
        np.testing.assert_allclose(
            ours[:, 1:].astype(float), theirs[:, 1:].astype(float), rtol=self.tolerance
        )


def test_the_same_question_has_one_answer(tmp_path: Path) -> None:
    flavor.save_model(fitted(samples=50), tmp_path / "model")
    model = loading.load_model(str(tmp_path / "model"), trust=False)
    state = np.random.get_state()[1].copy()
    first, second = model.predict(AHEAD), model.predict(AHEAD)
    pd.testing.assert_frame_equal(first, second)
    assert (first["yhat_lower"] < first["yhat_upper"]).all()
    assert (np.random.get_state()[1] == state).all()


def test_a_forecaster_that_is_not_fitted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="already been fit"):
        flavor.save_model(prophet.Prophet(), tmp_path / "model")


def test_a_table_without_dates_is_refused(tmp_path: Path) -> None:
    flavor.save_model(fitted(), tmp_path / "model")
    model = loading.load_model(str(tmp_path / "model"), trust=False)
    with pytest.raises(BadInput, match="'ds'"):
        model.predict(pd.DataFrame({"a": [1.0]}))


@pytest.mark.parametrize("text", ["[]", '"{}"', "{", '"[1, 2]"', "null"])
def test_what_is_no_forecaster_is_an_invalid_model(text: str, tmp_path: Path) -> None:
    flavor.save_model(fitted(), tmp_path / "model")
    (tmp_path / "model" / "model.pr").write_text(text)
    with pytest.raises(InvalidModel, match="no Prophet model"):
        loading.load_model(str(tmp_path / "model"), trust=True)
