"""statsmodels under autolog, beside MLflow's, and the ways of the real library."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris

import mainstay
from mainstay.spool.reports import SpoolWarning
from tests.flavors.autolog.comparison import Comparison
from tests.flavors.autolog.contract import AutologContract, only_run
from tests.support.parts import library

library("statsmodels")

import statsmodels.api as sm  # noqa: E402

pytestmark = pytest.mark.usefixtures("face")

X, y = load_diabetes(return_X_y=True, as_frame=True)


class TestComparison(Comparison):
    fits = ("statsmodels_fit",)
    ours = {
        "tags": {"estimator_name", "estimator_class"},
        "inputs": {"train dataset"},
    }
    # MLflow logs the empty "kwargs" as a parameter.
    theirs = {"params": {"kwargs"}}


class TestContract(AutologContract):
    library = "statsmodels"
    broken_part = "the summary"

    def fit(self) -> Any:
        return sm.OLS(y, sm.add_constant(X)).fit()

    def fit_badly(self) -> None:
        sm.OLS(y, sm.add_constant(X)).fit(method="no such method")

    def hooked(self) -> Any:
        return sm.OLS.__mro__[2].fit

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from statsmodels.iolib.summary import Summary

        monkeypatch.delattr(Summary, "as_text")


def test_the_model_predicts_the_same() -> None:
    mainstay.statsmodels.autolog(registered_model_name="line")
    exog = sm.add_constant(X)
    results = sm.OLS(y, exog).fit()
    loaded = mainstay.pyfunc.load_model(f"runs:/{only_run().info.run_id}/model", trust=True)
    np.testing.assert_allclose(loaded.predict(exog), results.predict(exog))
    assert mainstay.search_model_versions(filter_string="name = 'line'")[0].version == 1


def test_a_fit_that_calls_others_is_one_run() -> None:
    mainstay.statsmodels.autolog(log_models=False)
    data, target = load_iris(return_X_y=True, as_frame=True)
    exog = sm.add_constant(data.iloc[:, :1])
    results = sm.Logit((target == 2).astype(int), exog).fit(disp=0)
    run = only_run()
    assert run.data.tags["estimator_name"] == "Logit"
    assert run.data.metrics["llf"] == pytest.approx(results.llf)
    assert run.data.metrics["prsquared"] == pytest.approx(results.prsquared)
    assert run.data.params["disp"] == "0"


def test_a_time_series_has_its_data_and_measures() -> None:
    from statsmodels.tsa.arima.model import ARIMA

    mainstay.autolog(log_models=False)
    series = np.sin(np.arange(60.0)) + np.random.default_rng(0).normal(size=60) / 10
    results = ARIMA(series, order=(1, 0, 0)).fit()
    run = only_run()
    assert run.data.tags["estimator_name"] == "ARIMA"
    assert run.data.metrics["aic"] == pytest.approx(results.aic)
    assert len(run.inputs.dataset_inputs) == 1


def test_a_regularized_fit_is_recorded() -> None:
    mainstay.statsmodels.autolog(log_models=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpoolWarning)
        assert sm.OLS(y, sm.add_constant(X)).fit_regularized(alpha=0.1) is not None
    assert only_run().data.params["alpha"] == "0.1"


def test_a_module_that_loads_later_is_hooked() -> None:
    from statsmodels.base.model import Model

    mainstay.statsmodels.autolog(log_models=False)
    made = type("Later", (Model,), {"__module__": "statsmodels.later", "fit": lambda self: self})
    assert hasattr(made.fit, "__mainstay_original__")
    mainstay.statsmodels.autolog(disable=True)
    assert not hasattr(made.fit, "__mainstay_original__")
    assert "__init_subclass__" not in vars(Model)
