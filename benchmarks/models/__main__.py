"""``python -m benchmarks.models``: logging, loading and asking models, beside MLflow.

Each package runs in its own interpreter against its own server (SQLite on the same disk).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.tracking import peers

WORK = Path(__file__).with_name("work.py")
INTERPRETERS = {"mainstay": sys.executable, "mlflow": str(peers.ROOT / ".bench/mlflow/bin/python")}
KINDS = {"mainstay": peers.MAINSTAY, "mlflow": peers.MLFLOW}
SECONDS = 600.0
Found = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A line of the table: how its number is read, what it is compared with, and its bar."""

    work: str
    number: Callable[[Found], float]
    own: Callable[[Found], float] | None
    bar: str
    met: Callable[[Found], bool]
    unit: str = "ms"


def _ms(key: str, part: str) -> Callable[[Found], float]:
    return lambda found: 1e3 * found[key][part]


def _load(title: str, key: str) -> Row:
    return Row(
        f"load by alias, warm cache, {title}",
        _ms(key, "ours"),
        _ms(key, "own"),
        "<= 1.3 x the library + 30 ms",
        lambda found: found[key]["ours"] <= 1.3 * found[key]["own"] + 0.03,
    )


ROWS = [
    _load("pipeline", "load small"),
    _load("forest of 100", "load forest"),
    Row(
        "fetch 64 MiB from the server",
        _ms("fetch", "ours"),
        _ms("fetch", "own"),
        "<= 1.2 x copying the files",
        lambda found: found["fetch"]["ours"] <= 1.2 * found["fetch"]["own"],
    ),
    Row(
        "the same beside copying and hashing",
        _ms("fetch", "ours"),
        _ms("fetch", "checked"),
        "-",
        lambda _: True,
    ),
    Row(
        "predict, 1 row x 100 columns, over the library",
        lambda found: 1e3 * (found["row"]["ours"] - found["row"]["own"]),
        _ms("row", "own"),
        "<= 0.5 ms",
        lambda found: found["row"]["ours"] - found["row"]["own"] <= 0.0005,
    ),
    Row(
        "predict, 1 M rows x 20, over the library",
        lambda found: 100 * (found["million"]["ours"] / found["million"]["own"] - 1),
        _ms("million", "own"),
        "<= 5 %",
        lambda found: found["million"]["ours"] <= 1.05 * found["million"]["own"],
        "%",
    ),
    Row(
        "log_model, requirements inferred",
        lambda found: 1e3 * found["log, inferred"],
        None,
        "<= 500 ms",
        lambda found: found["log, inferred"] <= 0.5,
    ),
    Row(
        "log_model, requirements given",
        lambda found: 1e3 * found["log, given"],
        None,
        "<= 200 ms",
        lambda found: found["log, given"] <= 0.2,
    ),
]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("--only", choices=INTERPRETERS, help="measure one package")
    options = parser.parse_args()
    peers.end_servers_with_us()
    with tempfile.TemporaryDirectory() as folder:
        faces = [options.only] if options.only else list(INTERPRETERS)
        found = {face: _measure(face, Path(folder) / face) for face in faces}
    print(_table(found))


def _measure(face: str, folder: Path) -> Found:
    folder.mkdir()
    with peers.Server(KINDS[face], folder / "server") as server:
        done = subprocess.run(
            [INTERPRETERS[face], str(WORK), face, server.address, str(folder)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        )
    if done.returncode:
        raise SystemExit(f"{face}: {done.stderr[-3000:]}")
    read: Found = json.loads(done.stdout.rpartition("FOUND")[2])
    return read


def _table(found: dict[str, Found]) -> str:
    lines = ["| work | mainstay | the library alone | MLflow | bar |  |", "|" + " --- |" * 6]
    for row in ROWS:
        cells = [row.work]
        ours, theirs = found.get("mainstay"), found.get("mlflow")
        cells.append(f"**{row.number(ours):.3g} {row.unit}**" if ours else "-")
        cells.append(f"{row.own(ours):.3g} ms" if ours and row.own else "-")
        cells.append(f"{row.number(theirs):.3g} {row.unit}" if theirs else "-")
        cells += [row.bar, ("met" if row.met(ours) else "**missed**") if ours else "-"]
        if row.bar == "-":
            cells[-1] = ""
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
