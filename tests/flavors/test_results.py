"""What statsmodels' models give back when they are fitted: every kind is saved and asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mainstay.errors import BadInput
from mainstay.models import loading, saving
from tests.flavors.sweep import Case, Sweep
from tests.support.parts import library

sm = library("statsmodels.api")
smf = library("statsmodels.formula.api")
tsa = library("statsmodels.tsa.api")
ets = library("statsmodels.tsa.exponential_smoothing.ets")
theta = library("statsmodels.tsa.forecasting.theta")
vecm = library("statsmodels.tsa.vector_ar.vecm")
gam = library("statsmodels.gam.api")
ordinal = library("statsmodels.miscmodels.ordinal_model")
beta = library("statsmodels.othermod.betareg")

DRAW = np.random.default_rng(0)
TABLE, KINDS = load_iris(return_X_y=True, as_frame=True)
TABLE.columns = list("abcd")
ORDER = DRAW.permutation(len(TABLE))
TABLE, KINDS = TABLE.iloc[ORDER].reset_index(drop=True), KINDS.iloc[ORDER].reset_index(drop=True)
NOISE = pd.Series(DRAW.integers(0, 3, len(TABLE)))
EITHER = ((KINDS + NOISE) > 2).astype(int)
COUNTS = pd.Series(DRAW.poisson(np.exp(TABLE["a"] / 4)))
GROUPS = np.arange(len(TABLE)) % 5
COLUMNS = sm.add_constant(TABLE[["a", "b"]])
BARE = TABLE[["a", "b"]]
ALL = TABLE.assign(t=KINDS, e=EITHER, g=GROUPS)
SERIES = pd.Series(np.cumsum(DRAW.normal(size=60)) + 50)
PAIR = pd.DataFrame({"u": np.cumsum(DRAW.normal(size=80)), "v": np.cumsum(DRAW.normal(size=80))})
NEXT = pd.DataFrame({"start": [60], "end": [63]})
NEXT_PAIR = pd.DataFrame({"start": [80], "end": [82]})
QUICK: dict[str, Any] = {"disp": 0, "maxiter": 5}


def rows(model: Any, data: pd.DataFrame) -> Any:
    return model.predict(data)


def span(model: Any, data: pd.DataFrame) -> Any:
    return model.predict(start=data["start"][0], end=data["end"][0])


def forecast(model: Any, data: pd.DataFrame) -> Any:
    return model.forecast(int(data["end"][0] - data["start"][0] + 1))


def smooth() -> Any:
    return gam.BSplines(TABLE[["c"]], df=[5], degree=[3])


REGRESSIONS: dict[str, Case] = {
    "OLS": (lambda: sm.OLS(KINDS, COLUMNS).fit(), COLUMNS, rows),
    "OLS regularized": (lambda: sm.OLS(KINDS, COLUMNS).fit_regularized(alpha=0.1), COLUMNS, rows),
    "OLS formula": (lambda: smf.ols("t ~ a + np.log(b)", ALL).fit(), BARE, rows),
    "WLS": (lambda: sm.WLS(KINDS, COLUMNS, weights=np.arange(1, 151)).fit(), COLUMNS, rows),
    "GLS": (lambda: sm.GLS(KINDS, COLUMNS).fit(), COLUMNS, rows),
    "GLSAR": (lambda: sm.GLSAR(KINDS, COLUMNS, 1).iterative_fit(2), COLUMNS, rows),
    "QuantReg": (lambda: sm.QuantReg(KINDS, COLUMNS).fit(q=0.5), COLUMNS, rows),
    "RLM": (lambda: sm.RLM(KINDS, COLUMNS).fit(), COLUMNS, rows),
    "GLM binomial": (
        lambda: sm.GLM(EITHER, COLUMNS, family=sm.families.Binomial()).fit(),
        COLUMNS,
        rows,
    ),
    "GLM poisson": (
        lambda: sm.GLM(COUNTS, COLUMNS, family=sm.families.Poisson()).fit(),
        COLUMNS,
        rows,
    ),
    "GEE": (lambda: sm.GEE(KINDS, COLUMNS, groups=GROUPS).fit(), COLUMNS, rows),
    "MixedLM": (lambda: sm.MixedLM(KINDS, COLUMNS, groups=GROUPS).fit(), COLUMNS, rows),
    "MixedLM formula": (lambda: smf.mixedlm("t ~ a + b", ALL, groups="g").fit(), BARE, rows),
    "BetaModel": (
        lambda: beta.BetaModel((KINDS + 1) / 4 + NOISE / 50, COLUMNS).fit(disp=0),
        COLUMNS,
        rows,
    ),
    "GAM": (
        lambda: gam.GLMGam(KINDS, exog=COLUMNS, smoother=smooth()).fit(),
        COLUMNS.assign(c=TABLE["c"]),
        lambda model, _: np.asarray(model.fittedvalues),
    ),
    "PHReg": (
        lambda: sm.PHReg(KINDS + 1, BARE).fit(disp=0),
        BARE,
        lambda model, data: model.predict(data).predicted_values,
    ),
}
CHOICES: dict[str, Case] = {
    "Logit": (lambda: sm.Logit(EITHER, COLUMNS).fit(disp=0), COLUMNS, rows),
    "Logit formula": (
        lambda: smf.logit("e ~ a + C(g)", ALL).fit(disp=0),
        ALL[["a", "g"]],
        rows,
    ),
    "Probit": (lambda: sm.Probit(EITHER, COLUMNS).fit(disp=0), COLUMNS, rows),
    "MNLogit": (lambda: sm.MNLogit(NOISE, COLUMNS).fit(disp=0), COLUMNS, rows),
    "OrderedModel": (
        lambda: ordinal.OrderedModel(NOISE, BARE, distr="logit").fit(disp=0, method="bfgs"),
        BARE,
        rows,
    ),
    "Poisson": (lambda: sm.Poisson(COUNTS, COLUMNS).fit(disp=0), COLUMNS, rows),
    "NegativeBinomial": (
        lambda: sm.NegativeBinomial(COUNTS, COLUMNS).fit(disp=0),
        COLUMNS,
        rows,
    ),
    "GeneralizedPoisson": (
        lambda: sm.GeneralizedPoisson(COUNTS, COLUMNS).fit(disp=0),
        COLUMNS,
        rows,
    ),
    "ZeroInflatedPoisson": (
        lambda: sm.ZeroInflatedPoisson(COUNTS, COLUMNS).fit(disp=0),
        COLUMNS,
        rows,
    ),
}
TIMES: dict[str, Case] = {
    "ARIMA": (lambda: tsa.ARIMA(SERIES, order=(1, 1, 0)).fit(), NEXT, span),
    "SARIMAX": (lambda: sm.tsa.SARIMAX(SERIES, order=(1, 0, 0)).fit(disp=0), NEXT, span),
    "AutoReg": (lambda: tsa.AutoReg(SERIES, 2).fit(), NEXT, span),
    "ETS": (lambda: ets.ETSModel(SERIES, trend="add").fit(disp=0), NEXT, span),
    "ExponentialSmoothing": (
        lambda: tsa.ExponentialSmoothing(SERIES, trend="add").fit(),
        NEXT,
        span,
    ),
    "Holt": (lambda: tsa.Holt(SERIES, initialization_method="estimated").fit(), NEXT, span),
    "SimpleExpSmoothing": (
        lambda: tsa.SimpleExpSmoothing(SERIES, initialization_method="estimated").fit(),
        NEXT,
        span,
    ),
    "ARDL": (
        lambda: tsa.ARDL(PAIR["u"], 1, PAIR[["v"]], 1).fit(),
        pd.DataFrame({"start": [70], "end": [75]}),
        span,
    ),
    "UnobservedComponents": (
        lambda: tsa.UnobservedComponents(SERIES, "llevel").fit(disp=0),
        NEXT,
        span,
    ),
    "VARMAX": (lambda: tsa.VARMAX(PAIR, order=(1, 0)).fit(**QUICK), NEXT_PAIR, span),
    "DynamicFactor": (
        lambda: tsa.DynamicFactor(PAIR, k_factors=1, factor_order=1).fit(**QUICK),
        NEXT_PAIR,
        span,
    ),
    "MarkovRegression": (
        lambda: tsa.MarkovRegression(SERIES, k_regimes=2).fit(),
        pd.DataFrame({"start": [5], "end": [9]}),
        span,
    ),
    "VAR": (
        lambda: tsa.VAR(PAIR).fit(1),
        NEXT_PAIR,
        lambda model, _: model.forecast(model.endog[-1:], 3),
    ),
    "VECM": (
        lambda: vecm.VECM(PAIR, k_ar_diff=1).fit(),
        NEXT_PAIR,
        lambda model, _: model.predict(steps=3),
    ),
    "Theta": (lambda: theta.ThetaModel(SERIES, period=7).fit(), NEXT, forecast),
    "STL": (
        lambda: tsa.STLForecast(
            SERIES, tsa.ARIMA, model_kwargs={"order": (1, 0, 0)}, period=7
        ).fit(),
        NEXT,
        forecast,
    ),
}


class TestResults(Sweep):
    flavor = "statsmodels"
    fitted: ClassVar[dict[str, Case]] = {**REGRESSIONS, **CHOICES, **TIMES}
    need_trust = frozenset(fitted)  # the library has no form but its pickle
    only_here: ClassVar[dict[str, str]] = {
        "VAR": "asks for predict, which the results do not have",
        "VECM": "asks by start and end, which predict does not take",
        "Theta": "asks for predict, which the results do not have",
        "STL": "asks for predict, which the results do not have",
        "GAM": "hands on the linear and the smoothed columns together",
        "PHReg": "answers with an object that has no form in JSON",
    }
    tolerance = 1e-9  # the order of a sum depends on how the table lies in memory


@pytest.mark.parametrize(
    ("asked", "said"),
    [((79, 80), "start is 80"), ((82, 81), "82 to 81"), (("soon", 81), "numbers of rows")],
)
def test_results_that_only_forecast_say_from_where(
    asked: tuple[Any, Any], said: str, tmp_path: Path
) -> None:
    saving.save_model(tsa.VAR(PAIR).fit(1), tmp_path / "model")
    loaded = loading.load_model(str(tmp_path / "model"), trust=True)
    with pytest.raises(BadInput, match=said):
        loaded.predict(pd.DataFrame({"start": [asked[0]], "end": [asked[1]]}))


def test_an_additive_model_names_the_columns_that_are_missing(tmp_path: Path) -> None:
    fit, _, _ = REGRESSIONS["GAM"]
    saving.save_model(fit(), tmp_path / "model")
    loaded = loading.load_model(str(tmp_path / "model"), trust=True)
    with pytest.raises(BadInput, match="needs the columns b, c"):
        loaded.predict(COLUMNS[["const", "a"]])


def test_what_the_library_cannot_pickle_is_refused_in_words(tmp_path: Path) -> None:
    model = gam.GLMGam.from_formula("t ~ a + b", ALL, smoother=smooth()).fit()
    with pytest.raises(BadInput, match="cannot be pickled"):
        saving.save_model(model, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []
