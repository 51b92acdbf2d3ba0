"""Train one model and measure it. The one line for mainstay is ``mainstay.autolog()``."""

from __future__ import annotations

import argparse
import pickle
import time

import data
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PowerTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import mainstay

MODELS = {
    "logistic": lambda seed: LogisticRegression(max_iter=2000, random_state=seed),
    "forest": lambda seed: RandomForestClassifier(60, random_state=seed),
    "boosting": lambda seed: HistGradientBoostingClassifier(max_iter=40, random_state=seed),
    "stump": lambda seed: DecisionTreeClassifier(max_depth=1, random_state=seed),
}


def pipeline(model: str, *, log_scale: bool, seed: int) -> Pipeline:
    """Return the model with its preprocessing inside, so that both travel together."""
    if model not in MODELS:
        raise ValueError(f"model is one of {', '.join(MODELS)}, not {model!r}")
    scale = PowerTransformer() if log_scale else StandardScaler()
    return Pipeline(
        [("fill", SimpleImputer()), ("scale", scale), ("classifier", MODELS[model](seed))]
    )


def train(model: str, *, log_scale: bool, sampling: str, seed: int = 7) -> str:
    """Train inside a run of its own and return the run's id."""
    with mainstay.start_run() as run:
        train_rows, test_rows = data.split()
        rows = data.balance(train_rows, sampling, seed)
        inputs = rows.drop(columns=data.TARGET)
        dataset = mainstay.data.from_pandas(
            train_rows, source="sklearn.datasets.load_breast_cancer", name="tumours"
        )
        mainstay.log_input(dataset, context="training")
        mainstay.log_params(
            {"model": model, "log_scale": log_scale, "sampling": sampling, "seed": seed}
        )
        mainstay.set_tags(
            {
                "data_version": dataset.digest,
                "pipeline_id": "tumour-demo",
                "candidate": str(model != "stump").lower(),
            }
        )
        fitted = pipeline(model, log_scale=log_scale, seed=seed).fit(inputs, rows[data.TARGET])
        measure(fitted, test_rows)
        return run.info.run_id


def measure(fitted: Pipeline, rows) -> None:
    """Log how good and how fast the model is on rows it has not seen."""
    inputs, truth = rows.drop(columns=data.TARGET), rows[data.TARGET]
    predicted = fitted.predict(inputs)
    mainstay.log_metrics(
        {
            "test_accuracy": accuracy_score(truth, predicted),
            "test_f1": f1_score(truth, predicted),
            "test_roc_auc": roc_auc_score(truth, fitted.predict_proba(inputs)[:, 1]),
            "evaluation_latency_ms": latency_ms(fitted, inputs.head(1)),
            "model_size_bytes": len(pickle.dumps(fitted)),
        }
    )
    mainstay.log_dict(
        {"labels": ["benign", "malignant"], "matrix": confusion_matrix(truth, predicted).tolist()},
        "confusion_matrix.json",
    )


def latency_ms(fitted: Pipeline, row) -> float:
    """Return the median time of one prediction of one row, in milliseconds."""
    times = []
    for _ in range(20):
        began = time.perf_counter()
        fitted.predict(row)
        times.append(time.perf_counter() - began)
    return float(np.median(times) * 1000)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="forest")
    parser.add_argument("--log_scale", default="false")
    parser.add_argument("--sampling", default="none")
    parser.add_argument("--seed", type=float, default=7)
    given = parser.parse_args()
    mainstay.autolog()
    train(
        given.model,
        log_scale=given.log_scale.lower() == "true",
        sampling=given.sampling,
        seed=int(given.seed),
    )
