"""statsmodels: the contract, and interchange with mlflow. Its files are pickles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mainstay import statsmodels as flavor
from mainstay.errors import BadInput, UntrustedModel
from mainstay.models import loading, trust
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.support.parts import library

library("statsmodels")
sm = library("statsmodels.api")
smf = library("statsmodels.formula.api")

SERIES = np.cumsum(np.ones(30)) + np.sin(np.arange(30))


def formula(data: pd.DataFrame, target: pd.Series) -> object:
    """Fit a model by its formula."""
    frame = pd.DataFrame({"t": target, "a": data.iloc[:, 0], "b": data.iloc[:, 1]})
    return smf.glm("t ~ a + b", data=frame).fit()


class TestContract(FlavorContract):
    flavor_name = "statsmodels"

    @pytest.fixture(params=["ols", "formula", "series", "without data"])
    def case(
        self, request: pytest.FixtureRequest, iris: tuple[pd.DataFrame, pd.Series]
    ) -> FlavorCase:
        data, target = iris
        if request.param == "series":
            model = sm.tsa.ARIMA(SERIES, order=(1, 0, 0)).fit()
            ask = pd.DataFrame({"start": [30], "end": [33]})
            return FlavorCase(model=model, data=ask, predictions=model.predict(30, 33))
        if request.param == "formula":
            model, rows = formula(data, target), pd.DataFrame({"a": [5.0, 6.0], "b": [3.0, 3.5]})
            return FlavorCase(model=model, data=rows, predictions=model.predict(rows))
        model = sm.OLS(target, data).fit()
        answers = model.predict(data)
        options = {"remove_data": True} if request.param == "without data" else {}
        return FlavorCase(model=model, data=data, predictions=answers, options=options)

    def test_the_pickle_needs_trust(self, folder: Path) -> None:
        trust._written_here.clear()
        with pytest.raises(UntrustedModel, match=r"statsmodels\.|numpy"):
            loading.load_model(str(folder))


class TestInterchange(Interchange):
    # The order of a sum depends on how each side's table lies in memory.
    tolerance = 1e-12
    program = """
import statsmodels.api as sm, statsmodels.formula.api as smf
mlflow.statsmodels.save_model(sm.OLS(y, X).fit(), place + "ols", input_example=X.head(3))
frame = pd.DataFrame({"t": y, "a": X.iloc[:, 0], "b": X.iloc[:, 1]})
mlflow.statsmodels.save_model(
    smf.glm("t ~ a + b", data=frame).fit(), place + "formula",
    input_example=pd.DataFrame({"a": [5.0, 6.0], "b": [3.0, 3.5]}),
)
series = np.cumsum(np.ones(30)) + np.sin(np.arange(30))
mlflow.statsmodels.save_model(
    sm.tsa.ARIMA(series, order=(1, 0, 0)).fit(), place + "series",
    input_example=pd.DataFrame({"start": [30], "end": [33]}),
)
"""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        data, target = load_iris(return_X_y=True, as_frame=True)
        flavor.save_model(sm.OLS(target, data).fit(), place / "ols", input_example=data.head(3))
        rows = pd.DataFrame({"a": [5.0, 6.0], "b": [3.0, 3.5]})
        flavor.save_model(formula(data, target), place / "formula", input_example=rows)
        flavor.save_model(
            sm.tsa.ARIMA(SERIES, order=(1, 0, 0)).fit(),
            place / "series",
            input_example=pd.DataFrame({"start": [30], "end": [33]}),
        )


def test_a_model_without_results_is_refused(
    tmp_path: Path, iris: tuple[pd.DataFrame, pd.Series]
) -> None:
    data, target = iris
    with pytest.raises(BadInput, match=r"fit\(\)"):
        flavor.save_model(sm.OLS(target, data), tmp_path / "model")


def test_a_series_is_asked_by_start_and_end(tmp_path: Path) -> None:
    flavor.save_model(sm.tsa.ARIMA(SERIES, order=(1, 0, 0)).fit(), tmp_path / "model")
    loaded = loading.load_model(str(tmp_path / "model"), trust=True)
    with pytest.raises(BadInput, match="'start' and 'end'"):
        loaded.predict(pd.DataFrame({"a": [1.0]}))
