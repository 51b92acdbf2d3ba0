"""One measurement of one client, in a process of its own: ``python work.py FACE WORK COUNT``.

Imports nothing of this project but the face that is measured, and ``offline`` beside it, so that a
peer's interpreter can run it. Writes one JSON object to the standard output: samples by title.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import offline  # beside this file, whatever interpreter runs it

NAMES = ("start_run", "log_metric", "log_params", "log_artifact", "MlflowClient")
TEN = {f"metric_{number}": 0.5 + number for number in range(10)}
FITS = 7
RUNS = 20


def importing(name: str, count: int) -> dict[str, Any]:
    """Seconds of the import and of finding the names of a script; resident MB after it."""
    begun = time.perf_counter()
    for _ in range(count):
        face = importlib.import_module(name)
        for used in offline.USED if name in offline.NAMES else NAMES:
            getattr(face, used)
    return {"seconds": time.perf_counter() - begun, "mb": resident()}


def one_metric(name: str, count: int) -> dict[str, Any]:
    """Microseconds of each ``log_metric``."""
    face = face_of(name)
    with face.start_run():
        for step in range(min(100, count)):
            face.log_metric("warm", 1.0, step=step)
        return {"us": each(count, lambda step: face.log_metric("loss", 0.5, step=step))}


def ten_metrics(name: str, count: int) -> dict[str, Any]:
    """Microseconds of each ``log_metrics`` of 10."""
    face = face_of(name)
    with face.start_run():
        for step in range(min(100, count)):
            face.log_metrics({"warm": 1.0}, step=step)
        return {"us": each(count, lambda step: face.log_metrics(TEN, step=step))}


def until_confirmed(name: str, count: int) -> dict[str, Any]:
    """Points a second, ``log_metrics`` of 10, from the first call until the server has the last."""
    face = face_of(name)
    with face.start_run() as run:
        face.log_metric("warm", 1.0)
        if name not in offline.NAMES:  # there, to confirm is to finish
            confirm(face)
        begun = time.perf_counter()
        for step in range(count // 10):
            face.log_metrics(TEN, step=step)
        called = time.perf_counter() - begun
        confirm(face)
        took = time.perf_counter() - begun
        if name not in offline.NAMES:
            last = face.get_run(run.info.run_id).data.metrics
            assert last["metric_9"] == TEN["metric_9"]
    return {"points_per_second": count / took, "seconds_of_calls": called}


def empty_run(name: str, count: int) -> dict[str, Any]:
    """Milliseconds of start and end of a run that logs nothing, after the first."""
    face = face_of(name)
    with face.start_run():
        pass
    samples = []
    for _ in range(count):
        begun = time.perf_counter()
        with face.start_run():
            pass
        samples.append((time.perf_counter() - begun) * 1000)
    return {"ms": samples}


def autolog(name: str, count: int) -> dict[str, Any]:
    """Milliseconds of a fit without and with autolog, after the first; when each began and ended.

    The first fit of the process is left out of both.
    """
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier

    features, targets = make_classification(500, 10, random_state=0)

    def fit() -> float:
        begun = time.perf_counter()
        RandomForestClassifier(n_estimators=10, random_state=0).fit(features, targets)
        return (time.perf_counter() - begun) * 1000

    fit()
    plain = [fit() for _ in range(count)]
    face = importlib.import_module(name)
    face.sklearn.autolog(silent=True) if name == "mainstay" else face.sklearn.autolog()
    fit()
    confirm(face)
    mark("fits begin")
    recorded = []
    for _ in range(count):
        recorded.append(fit())
        confirm(face)
    return {"plain_ms": plain, "ms": recorded}


def away(name: str, count: int) -> dict[str, Any]:
    """MB added by ``count`` points while nobody answers at the address."""
    face = importlib.import_module(name)
    run = face.start_run()
    face.log_metrics(TEN, step=0)
    before = resident()
    most = before
    for step in range(1, count // 10):
        face.log_metrics(TEN, step=step)
        if step % 10_000 == 0:
            most = max(most, resident())
    added = max(most, resident()) - before
    assert run.info.run_id
    print(json.dumps({"mb": added}), flush=True)
    # Without the bounded wait at the end: nobody will answer, and the folder is thrown away.
    import os

    os._exit(0)


def face_of(name: str) -> Any:
    """Return the module, or what makes one of a peer with other names."""
    return offline.Offline(name) if name in offline.NAMES else importlib.import_module(name)


def each(count: int, call: Callable[[int], object]) -> list[float]:
    """Time each of some calls, in microseconds."""
    clock = time.perf_counter_ns
    samples = []
    for step in range(count):
        begun = clock()
        call(step)
        samples.append((clock() - begun) / 1000)
    return samples


def confirm(face: Any) -> None:
    """Wait until the server has all of it."""
    if hasattr(face, "flush"):
        assert face.flush(600), "the server did not confirm in time"


def mark(text: str) -> None:
    """Tell the parent process where in the work we are."""
    print(text, file=sys.stderr, flush=True)
    sys.stdin.readline()


def resident() -> float:
    """Return the resident memory of this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise OSError("no VmRSS in /proc/self/status")


WORKS = {
    "import": importing,
    "log_metric": one_metric,
    "log_metrics": ten_metrics,
    "million": until_confirmed,
    "empty": empty_run,
    "autolog": autolog,
    "away": away,
}

if __name__ == "__main__":
    face_name, work, number = sys.argv[1:]
    print(json.dumps(WORKS[work](face_name, int(number))))
