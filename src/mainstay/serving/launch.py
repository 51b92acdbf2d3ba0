"""How the workers of a version are started: with which interpreter, environment and orders."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Literal

import msgspec

from mainstay.serving.channel import Spec
from mainstay.serving.generation import Launch
from mainstay.serving.target import Target

EnvManager = Literal["local", "uv"]
Interpreter = Callable[[Target], str]
"""Returns the path of the Python that runs a version."""

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def this_interpreter(_: Target) -> str:
    """Run every version in the interpreter that runs the server."""
    return sys.executable


def planner(
    spec: Spec, *, workers: int, metrics_folder: str, interpreter: Interpreter = this_interpreter
) -> Callable[[Target], Launch]:
    """Return a function that plans the start of a version; ``spec`` has all but the version.

    The numeric libraries of each worker get their share of the processors: several workers that
    each start a thread a processor slow each other down many times over.
    """
    share = str(max(1, (os.cpu_count() or 1) // workers))
    environment = {name: os.environ.get(name, share) for name in _THREAD_VARIABLES}
    environment["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder

    def plan(target: Target) -> Launch:
        return Launch(
            target=target,
            command=(interpreter(target),),
            environment=environment,
            metrics_folder=metrics_folder,
            spec=msgspec.structs.replace(
                spec, uri=target.uri, name=target.name, version=target.version
            ),
        )

    return plan
