"""Callers of the model server: one row a request, every answer noted."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import urllib3
from sklearn.datasets import load_breast_cancer

OFTEN_MISSING = "worst concavity"


@dataclass
class Answers:
    """What came back: by version and status, and requests that got no answer at all."""

    seen: Counter[tuple[str, int, bool]] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def note(self, version: str, status: int, *, gap: bool) -> None:
        """Count one answer; ``gap``: its row lacked a measurement."""
        self.seen[version, status, gap] += 1

    def count(
        self, *, version: str | None = None, status: int | None = None, gap: bool | None = None
    ) -> int:
        """Return how many answers fit what is given."""
        return sum(
            number
            for (was, code, lacked), number in self.seen.items()
            if version in (None, was) and status in (None, code) and gap in (None, lacked)
        )


def rows(number: int, *, seed: int = 1, gaps: float = 0.0) -> list[dict[str, Any]]:
    """Return rows as they come in life, a share of them without one measurement."""
    frame: pd.DataFrame = load_breast_cancer(as_frame=True).data
    generator = np.random.default_rng(seed)
    # Every row once before any comes twice, so that the mix is that of the whole data.
    order = np.concatenate(
        [generator.permutation(len(frame)) for _ in range(number // len(frame) + 1)]
    )[:number]
    found = frame.iloc[order].to_dict("records")
    for row in found:
        if generator.random() < gaps:
            row[OFTEN_MISSING] = None
    return [{str(key): value for key, value in row.items()} for row in found]


def send(url: str, batch: list[dict[str, Any]], answers: Answers) -> None:
    """Send each row as a request of its own over one connection."""
    with urllib3.PoolManager(maxsize=1, retries=False) as pool:
        for row in batch:
            post(pool, url, row, answers)


def post(pool: urllib3.PoolManager, url: str, row: dict[str, Any], answers: Answers) -> None:
    """Send one row and note the answer."""
    body = json.dumps({"dataframe_records": [row]}).encode()
    headers = {"Content-Type": "application/json"}
    try:
        answer = pool.request("POST", f"{url}/invocations", body=body, headers=headers, timeout=30)
    except urllib3.exceptions.HTTPError as error:
        answers.lost.append(f"{type(error).__name__}: {error}")
        return
    version = answer.headers.get("X-Mainstay-Version", "")
    answers.note(version, answer.status, gap=row[OFTEN_MISSING] is None)


class Callers:
    """Two callers that go on sending until they are told to stop."""

    def __init__(self, url: str, *, gaps: float) -> None:
        self.answers = Answers()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._call, args=(url, rows(569, seed=seed, gaps=gaps)))
            for seed in (11, 12)
        ]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self, url: str, batch: list[dict[str, Any]]) -> None:
        with urllib3.PoolManager(maxsize=1, retries=False) as pool:
            while not self._stop.is_set():
                for row in batch:
                    if self._stop.wait(0.01):
                        break
                    post(pool, url, row, self.answers)
