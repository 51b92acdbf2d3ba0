"""What one package does with models: run by its own interpreter, prints one JSON object.

``work.py FACE ADDRESS FOLDER``: FACE is ``mainstay`` or ``mlflow``. All times are seconds, medians.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import logging
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

logging.captureWarnings(True)
FACE, ADDRESS, FOLDER = sys.argv[1], sys.argv[2], Path(sys.argv[3])
os.environ["MAINSTAY_CACHE_DIR"] = str(FOLDER / "cache")
os.environ["MAINSTAY_SPOOL_DIR"] = str(FOLDER / "spool")

package: Any = importlib.import_module(FACE)
flavor: Any = importlib.import_module(f"{FACE}.sklearn")
pyfunc: Any = importlib.import_module(f"{FACE}.pyfunc")
TREE = ["sklearn.tree._tree.Tree"]
"""Named for MLflow, which saves no forest otherwise."""


def median(work: Callable[[], Any], times: int, *, warm: int = 1) -> float:
    """Return the median of ``times`` calls after ``warm`` that do not count."""
    for _ in range(warm):
        work()
    found = []
    for _ in range(times):
        gc.collect()
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return statistics.median(found)


def over(model: Any, own: Callable[[Any], Any], data: Any, times: int) -> dict[str, float]:
    """Return the library's own time and the packaged model's, measured in turns."""
    both: dict[str, list[float]] = {"own": [], "ours": []}
    own(data), model.predict(data)
    for _ in range(times):
        for name, ask in (("own", own), ("ours", model.predict)):
            begun = time.perf_counter()
            ask(data)
            both[name].append(time.perf_counter() - begun)
    return {name: statistics.median(found) for name, found in both.items()}


def logged(model: Any, name: str, **arguments: Any) -> Any:
    """Log and register a model; MLflow is told which types to trust."""
    if FACE == "mlflow" and name == "forest":
        arguments["skops_trusted_types"] = TREE
    return flavor.log_model(model, name=name, registered_model_name=name, **arguments)


def data(rows: int, columns: int) -> tuple[pd.DataFrame, Any]:
    """Return a table of numbers and two classes."""
    made = np.random.default_rng(0).normal(size=(rows, columns))
    names = [f"c{at}" for at in range(columns)]
    return pd.DataFrame(made, columns=names), (made[:, 0] > 0).astype(int)


def main() -> None:
    """Measure everything and print it."""
    package.set_tracking_uri(f"http://{ADDRESS}")
    package.set_experiment("models")
    found: dict[str, Any] = {}
    table, target = data(500, 20)
    small = make_pipeline(StandardScaler(), LogisticRegression()).fit(table, target)
    forest = RandomForestClassifier(100, random_state=0).fit(*data(2000, 20))
    head = table.head(5)
    with package.start_run(), contextlib.redirect_stdout(io.StringIO()):
        log = flavor.log_model
        found["log, inferred"] = median(lambda: log(small, name="m", input_example=head), 5)
        given = {"input_example": head, "pip_requirements": ["scikit-learn"]}
        found["log, given"] = median(lambda: log(small, name="m", **given), 5)
        for name, model in (("small", small), ("forest", forest)):
            logged(model, name, input_example=head)
            package.MlflowClient().set_registered_model_alias(name, "champion", "1")
        big = LinearRegression().fit(*data(50, 20))
        # 64 MiB that do not shrink, as the weights of a model.
        big.weights_ = np.random.default_rng(0).normal(size=8 << 20)
        logged(big, "big")
    for name in ("small", "forest"):
        found[f"load {name}"] = loads(name)
    found["fetch"] = fetches()
    found["row"] = asks(1, 100, 400)
    found["million"] = asks(1_000_000, 20, 7)
    print("FOUND" + json.dumps(found))


def loads(name: str) -> dict[str, float]:
    """Return the time of a load by alias with a warm cache, and of the library's own."""
    uri = f"models:/{name}@champion"
    folder = Path(place(uri))
    path = folder / "model.skops"
    types = skops.io.get_untrusted_types(file=path)
    return {
        "own": median(lambda: skops.io.load(path, trusted=types), 9, warm=2),
        "ours": median(lambda: pyfunc.load_model(uri), 9, warm=2),
    }


def place(uri: str) -> str:
    """Return a local folder with the model's files."""
    if FACE == "mainstay":
        from mainstay.models.loading import download

        return str(download(uri))
    return str(package.artifacts.download_artifacts(uri))


def fetches() -> dict[str, float]:
    """Return the time of a download with nothing cached, and of copying the same files."""
    folder = Path(place("models:/big/1"))

    def copied() -> None:
        shutil.rmtree(FOLDER / "copy", ignore_errors=True)
        shutil.copytree(folder, FOLDER / "copy")

    def fetched() -> None:
        if FACE == "mainstay":
            shutil.rmtree(FOLDER / "cache", ignore_errors=True)
        place("models:/big/1")

    def verified() -> None:
        """Copy and check what was copied, as every fetch does here."""
        copied()
        digests(FOLDER / "copy")

    return {
        "own": median(copied, 5),
        "checked": median(verified, 5),
        "ours": median(fetched, 5),
    }


def digests(folder: Path) -> None:
    """Hash every file."""
    import hashlib

    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                hashlib.file_digest(stream, "sha256")


def asks(rows: int, columns: int, times: int) -> dict[str, float]:
    """Return the library's own time and the packaged model's for one question."""
    table, target = data(max(rows, 50), columns)
    model = LinearRegression().fit(table.head(5000), target[:5000])
    folder = FOLDER / f"asked-{rows}-{columns}"
    flavor.save_model(model, folder, input_example=table.head(3), pip_requirements=["scikit-learn"])
    return over(pyfunc.load_model(str(folder)), model.predict, table.head(rows), times)


main()
