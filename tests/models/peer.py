"""Asks the stock mlflow package, in its own environment, to save and to load models."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.support.parts import MLFLOW_PYTHON, PROJECT, require

LOAD = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import mlflow, numpy as np, pandas as pd
found = {}
for name, folder, params in json.loads(sys.argv[1]):
    model = mlflow.pyfunc.load_model(folder)
    example = model.metadata.load_input_example(folder)
    signature = model.metadata.signature
    served = mlflow.models.validate_serving_input(
        folder, open(folder + "/serving_input_example.json").read()
    )
    plain = lambda value: (
        {key: plain(part) for key, part in value.items()}
        if isinstance(value, dict)
        else np.asarray(value).tolist()
    )
    found[name] = {
        "signature": None if signature is None else signature.to_dict(),
        "example": plain(model.predict(example)),
        "served": plain(served),
        "params": None if params is None else plain(model.predict(example, params=params)),
        "requirements": mlflow.pyfunc.get_model_dependencies(folder) != "",
    }
print("FOUND" + json.dumps(found, default=str))
"""

SAVE = """
import sys, warnings
warnings.filterwarnings("ignore")
import mlflow, numpy as np, pandas as pd
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
place = sys.argv[1]
X, y = load_iris(return_X_y=True, as_frame=True)
pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
forest = RandomForestClassifier(5, random_state=0).fit(X.to_numpy(), y)
mlflow.sklearn.save_model(pipeline, place + "/skops", input_example=X.head(3), metadata={"a": 1})
mlflow.sklearn.save_model(
    forest, place + "/cloudpickle", input_example=X.to_numpy()[:3],
    serialization_format="cloudpickle",
)
mlflow.sklearn.save_model(
    forest, place + "/trusted", input_example=X.to_numpy()[:3],
    skops_trusted_types=["sklearn.tree._tree.Tree"],
)
mlflow.sklearn.save_model(
    pipeline, place + "/proba", input_example=X.head(3), pyfunc_predict_fn="predict_proba",
)
class Adder(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["plus"]) as file:
            self.plus = float(file.read())
    def predict(self, context, model_input, params=None):
        return (model_input.sum(axis=1) + self.plus + params["more"]).to_numpy()
open(place + "/plus.txt", "w").write("10")
frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
mlflow.pyfunc.save_model(
    place + "/class", python_model=Adder(), artifacts={"plus": place + "/plus.txt"},
    input_example=(frame, {"more": 1.0}), signature=infer_signature(frame, None, {"more": 1.0}),
)
def total(model_input):
    return model_input.sum(axis=1).to_numpy()
mlflow.pyfunc.save_model(place + "/function", python_model=total, input_example=frame)
"""


def load(
    folders: dict[str, Path],
    params: dict[str, dict[str, Any]],
    python: Path | None = None,
) -> dict[str, Any]:
    """Return, by name, what mlflow says and predicts of models.

    ``python`` is the interpreter of an environment with mlflow; default: the stock package's own.
    """
    cases = [[name, str(folder), params.get(name)] for name, folder in folders.items()]
    told = run(LOAD, json.dumps(cases), python=python)
    answer: dict[str, Any] = json.loads(told.partition("FOUND")[2])
    return answer


def save(place: Path) -> None:
    """Let mlflow save one model of each kind below ``place``."""
    run(SAVE, str(place))


def run(program: str, *arguments: str, python: Path | None = None) -> str:
    """Run a program in an environment with mlflow and return what it printed."""
    if python is None:
        require("mlflow")
    with tempfile.TemporaryDirectory(prefix="mainstay-peer-") as place:
        # A file, not -c: mlflow starts processes that run the main program's file again.
        file = Path(place) / "program.py"
        file.write_text(program, encoding="utf-8")
        done = subprocess.run(
            [str(python or MLFLOW_PYTHON), str(file), *arguments],
            capture_output=True,
            text=True,
            check=False,
            # Models of the tests name the tests' own modules, as a user's name the user's.
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
