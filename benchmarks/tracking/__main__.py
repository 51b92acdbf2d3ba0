"""``python -m benchmarks.tracking``: every row, every server, in one run.

The servers take turns row by row, several rounds each, so that whatever else the machine does
falls on all of them; the table shows medians.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from benchmarks.tracking import peers
from benchmarks.tracking.raw import Raw
from benchmarks.tracking.report import Line, table
from benchmarks.tracking.rows import ROWS, Row, memory
from benchmarks.tracking.subject import Subject

COLD = Row("cold start to first /health", "s", 0.6, "", lambda *_: 0.0)
MEMORY = Row("memory after all of this", "MB", 150, "", lambda *_: 0.0)
KINDS = (peers.MAINSTAY, peers.MLFLOW, peers.FASTTRACKML, peers.RELAXED, peers.FLOOR)
COLD_STARTS = 3


def main() -> None:
    """Measure and print."""
    options = _options()
    peers.end_servers_with_us()
    if options.postgres:
        from benchmarks.tracking import postgres

        postgres.main(
            rounds=options.rounds,
            seconds=options.seconds,
            rows=options.rows or (),
            only=options.only or (),
            folder=options.folder,
        )
        return
    kinds = [kind for kind in KINDS if not options.only or kind.name in options.only]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder)))
        lines = [_cold(kinds, folder)]
        subjects = []
        for kind in kinds:
            server = peers.Server(kind, folder / kind.name)
            stack.callback(server.stop)
            if kind is not peers.RELAXED:
                lines[0].samples[kind.name].append(server.start_seconds)
            subjects.append(Subject(server))
        _say("preparing 1,000 runs on each")
        with ThreadPoolExecutor(len(subjects)) as pool:
            list(pool.map(Subject.prepare, subjects))
        raw = Raw(folder)
        for row in ROWS:
            if options.rows and not any(word in row.title for word in options.rows):
                continue
            lines.append(_measure(row, subjects, raw, options.rounds, options.seconds))
            _say(f"{row.title}: {_brief(lines[-1])}")
        measured = [one for one in subjects if one.server.kind is not peers.RELAXED]
        lines.append(Line(MEMORY, {one.name: [memory(one)] for one in measured}))
    print(table(lines))
    if relaxed := [_relaxed(line) for line in lines if peers.RELAXED.name in line.samples]:
        print(f"\nWith MAINSTAY_SQLITE_SYNCHRONOUS=NORMAL:\n\n{table(relaxed)}")
    if options.json:
        kept = {line.row.title: dict(line.samples) for line in lines}
        Path(options.json).write_text(json.dumps(kept, indent=1))


def _cold(kinds: list[peers.Kind], folder: Path) -> Line:
    """Start each on an empty folder a few times; MLflow, which takes long, only for the run."""
    samples: dict[str, list[float]] = {kind.name: [] for kind in kinds if kind is not peers.RELAXED}
    for number in range(COLD_STARTS):
        for kind in kinds:
            if kind not in (peers.MLFLOW, peers.RELAXED):
                with peers.Server(kind, folder / f"cold_{kind.name}_{number}") as server:
                    samples[kind.name].append(server.start_seconds)
    return Line(COLD, samples)


def _measure(row: Row, subjects: list[Subject], raw: Raw, rounds: int, seconds: float) -> Line:
    samples: dict[str, list[float]] = {}
    for _ in range(rounds):
        for subject in subjects:
            if subject.server.kind is peers.RELAXED and not row.writes:
                continue
            on_floor = subject.server.kind is peers.FLOOR
            if row.floor is not None and on_floor:
                samples.setdefault("floor", []).append(row.floor(raw, seconds / 2))
            elif not row.registry or subject.server.kind.registry:
                samples.setdefault(subject.name, []).append(row.measure(subject, seconds))
    return Line(row, samples)


def _relaxed(line: Line) -> Line:
    """Return a row of ourselves without a flush a commit, beside the peer that has none either."""
    own, other = line.samples[peers.RELAXED.name], line.samples.get(peers.FASTTRACKML.name, [])
    return Line(line.row, {"mainstay": own, peers.FASTTRACKML.name: other})


def _brief(line: Line) -> str:
    return ", ".join(f"{name} {line.middle(name):,.1f}" for name in line.samples)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tracking", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each server (3)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a turn (1)")
    parser.add_argument("--rows", action="append", help="only rows whose title holds this")
    parser.add_argument("--only", action="append", help="only this server; may be repeated")
    parser.add_argument("--folder", default=None, help="where databases are made, and deleted")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, beside MLflow")
    parser.add_argument("--json", help="also write every sample to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
