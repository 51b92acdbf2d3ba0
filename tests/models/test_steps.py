"""Preprocessing, postprocessing and labels travel with the model; training's answers come again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import LabelEncoder, StandardScaler

from mainstay import sklearn as flavor
from mainstay.errors import BadInput
from mainstay.models import examples, loading, verifying
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import environment_files, mlmodel
from tests.models import peer

RAW = pd.DataFrame({"height cm": ["180", "160", "175", "150"], "weight": [80.0, 55.0, 70.0, 48.0]})
KINDS = ["tall", "short", "tall", "short"]


def numbers(raw: pd.DataFrame) -> pd.DataFrame:
    """Turn raw columns into numbers."""
    return pd.DataFrame({"height": raw["height cm"].astype(float) / 100, "weight": raw["weight"]})


@pytest.fixture
def trained() -> tuple[StandardScaler, LabelEncoder, LogisticRegression]:
    """A scaler, an encoder of kinds, and a classifier of what they make."""
    scaler = StandardScaler().set_output(transform="pandas").fit(numbers(RAW))
    encoder = LabelEncoder().fit(KINDS)
    model = LogisticRegression().fit(scaler.transform(numbers(RAW)), encoder.transform(KINDS))
    return scaler, encoder, model


def test_functions_and_fitted_objects_become_one_model_of_raw_data(
    tmp_path: Path, trained: tuple[StandardScaler, LabelEncoder, LogisticRegression]
) -> None:
    scaler, encoder, model = trained
    flavor.save_model(
        model,
        tmp_path / "model",
        preprocess=[numbers, scaler],
        postprocess=encoder,
        input_example=RAW,
        profile_data=RAW,
    )
    loaded = loading.load_model(str(tmp_path / "model"), trust=True)
    assert list(loaded.predict(RAW)) == KINDS
    assert loaded.signature is not None
    assert loaded.signature.inputs is not None
    assert loaded.signature.inputs.input_names() == ["height cm", "weight"]
    assert [kind.value for kind in loaded.signature.inputs.input_types()] == ["string", "double"]
    assert loaded.profile is not None
    lines = environment_files.read(tmp_path / "model").requirements
    assert any(line.startswith("scikit-learn==") for line in lines)


def test_verify_compares_with_what_training_answered(
    tmp_path: Path, trained: tuple[StandardScaler, LabelEncoder, LogisticRegression]
) -> None:
    scaler, _, model = trained
    flavor.save_model(
        model,
        tmp_path / "model",
        preprocess=[numbers, scaler],
        labels=["short", "tall"],
        input_example=RAW,
    )
    found = verifying.verify(str(tmp_path / "model"), trust=True)
    assert (found.example, found.passed) == ("equal", True)
    path = tmp_path / "model" / examples.EXPECTED_FILE
    path.write_text(path.read_text().replace("tall", "short", 1))
    from mainstay.packaging import manifest

    manifest.write(tmp_path / "model")
    changed = verifying.verify(str(tmp_path / "model"), trust=True)
    assert (changed.example, changed.passed) == ("differs", False)
    assert "predictions[0]" in changed.message


def test_state_that_is_lost_on_the_way_is_found_by_verify(tmp_path: Path) -> None:
    class Shift:
        """Its offset does not survive a pickle: training and serving would differ."""

        def __init__(self) -> None:
            self.by = 5.0

        def transform(self, raw: pd.DataFrame) -> pd.DataFrame:
            return raw + self.by

        def __getstate__(self) -> dict[str, float]:
            return {"by": 0.0}

    data = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]})
    model = LogisticRegression().fit(data + 5.0, [0, 0, 1, 1])
    flavor.save_model(model, tmp_path / "model", preprocess=Shift(), input_example=data)
    assert verifying.verify(str(tmp_path / "model"), trust=True).example == "differs"


def test_transformers_of_sklearn_become_a_pipeline_that_needs_no_trust(tmp_path: Path) -> None:
    data = numbers(RAW)
    scaler = StandardScaler().fit(data)
    model = LogisticRegression().fit(scaler.transform(data), [1, 0, 1, 0])
    flavor.save_model(model, tmp_path / "model", preprocess=scaler, input_example=data)
    assert FLAVORS.get("sklearn").asks(tmp_path / "model", mlmodel.read(tmp_path / "model")) == ()
    loaded = loading.load_model(str(tmp_path / "model"), trust=False)
    np.testing.assert_array_equal(loaded.predict(data), model.predict(scaler.transform(data)))


def test_labels_name_the_columns_of_probabilities(tmp_path: Path) -> None:
    data = numbers(RAW)
    model = LogisticRegression().fit(data, [1, 0, 1, 0])
    flavor.save_model(
        model,
        tmp_path / "model",
        labels={0: "short", 1: "tall"},
        pyfunc_predict_fn="predict_proba",
        input_example=data,
    )
    found = loading.load_model(str(tmp_path / "model"), trust=True).predict(data)
    assert list(found.columns) == ["short", "tall"]
    np.testing.assert_array_equal(found.to_numpy(), model.predict_proba(data))


def test_mlflow_loads_a_model_with_its_steps(
    tmp_path: Path, trained: tuple[StandardScaler, LabelEncoder, LogisticRegression]
) -> None:
    scaler, encoder, model = trained
    place = tmp_path / "steps"

    def whole(rows: object) -> object:  # goes by value, being local: mlflow has no such module
        return rows

    flavor.save_model(
        model, place, preprocess=[whole, scaler], postprocess=encoder, input_example=numbers(RAW)
    )
    told = peer.load({"steps": place}, {})["steps"]
    assert told["example"] == told["served"] == KINDS


@pytest.mark.parametrize(
    "wrong", [{"preprocess": 3}, {"postprocess": object()}, {"labels": "ab"}, {"labels": 4}]
)
def test_what_is_no_step_is_refused(wrong: dict[str, object], tmp_path: Path) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(BadInput, match=next(iter(wrong))):
        flavor.save_model(model, tmp_path / "model", **wrong)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
