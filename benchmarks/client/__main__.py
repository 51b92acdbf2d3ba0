"""``python -m benchmarks.client``: every row, in processes of their own, beside peers' clients.

mainstay and MLflow talk to their own product's server (SQLite on the same disk); wandb and trackio
write to the local disk alone. Peers' slow rows are measured with fewer calls: see ``rows``. Their
interpreters are in ``.bench/<name>``, a virtual environment each.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.client import offline
from benchmarks.client.counting import CountingDoor
from benchmarks.client.rows import ROWS, Row
from benchmarks.tracking import peers

WORK = Path(__file__).with_name("work.py")
PEERS = ("mlflow", "wandb", "trackio")
INTERPRETERS = {
    "mainstay": sys.executable,
    **{name: str(peers.ROOT / ".bench" / name / "bin" / "python") for name in PEERS},
}
KINDS = {"mainstay": peers.MAINSTAY, "mlflow": peers.MLFLOW}
SECONDS = 3600.0


def main() -> None:
    """Measure and print."""
    options = _options()
    peers.end_servers_with_us()
    found: dict[str, dict[str, Any]] = {row.work: {} for row in ROWS}
    for earlier in options.also or ():
        for work, faces in json.loads(Path(earlier).read_text()).items():
            found[work] |= faces
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder)))
        for face in options.only or INTERPRETERS:
            for row in ROWS:
                wanted = not options.rows or row.work in options.rows
                if wanted and _count(face, row):
                    rounds = options.rounds if face == "mainstay" else options.peer_rounds
                    samples = [_measure(face, row, folder, i) for i in range(rounds)]
                    found[row.work][face] = samples
                    print(face, row.work, _brief(row, samples), file=sys.stderr, flush=True)
    print(_table(found))
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1))


def _measure(face: str, row: Row, folder: Path, number: int) -> dict[str, Any]:
    place = folder / f"{face}_{row.work}_{number}"
    place.mkdir()
    count = _count(face, row)
    if row.server and face in KINDS:
        with peers.Server(KINDS[face], place / "server") as server:
            host, port = server.address.rsplit(":", 1)
            with CountingDoor(host, int(port)) as door:
                through = door.url if row.counted else f"http://{server.address}"
                return _run(face, row, place, count, through, door)
    return _run(face, row, place, count, "http://127.0.0.1:9", None)


def _count(face: str, row: Row) -> int:
    if face == "mainstay":
        return row.count
    return row.peer_count if face == "mlflow" else row.offline_count


def _run(
    face: str, row: Row, place: Path, count: int, uri: str, door: CountingDoor | None
) -> dict[str, Any]:
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {
        "MAINSTAY_TRACKING_URI": uri,
        "MLFLOW_TRACKING_URI": uri,
        "MAINSTAY_SPOOL_DIR": str(place / "spool"),
        "MAINSTAY_READ_WAIT": "600",
        # A MLflow client that finds nobody tries for minutes at each call.
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0" if not row.server else "7",
    }
    if face in offline.NAMES:
        environment |= {"HOME": str(place), "WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    with subprocess.Popen(
        [INTERPRETERS[face], str(WORK), face, row.work, str(count)],
        cwd=place,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if row.counted else subprocess.DEVNULL,
        text=True,
    ) as process:
        if row.counted and door is not None:
            assert process.stderr is not None
            assert process.stdin is not None
            for line in process.stderr:
                if line == "fits begin\n":
                    break
            door.targets.clear()
            print(file=process.stdin, flush=True)
        out, _ = process.communicate(timeout=SECONDS)
    if process.returncode:
        raise RuntimeError(f"{face} {row.work} ended with {process.returncode}")
    samples: dict[str, Any] = json.loads(out.splitlines()[-1])
    if row.counted and door is not None:
        samples["requests"] = len(door.targets) / count
        samples["targets"] = door.targets[: 3 * int(samples["requests"] + 1)]
    return samples


def _brief(row: Row, samples: list[dict[str, Any]]) -> str:
    return ", ".join(f"{part.title} {part.text(samples)}" for part in row.parts)


def _table(found: dict[str, dict[str, Any]]) -> str:
    lines = [
        _cells(("work", "mainstay", "MLflow", "wandb", "trackio", "bar", "")),
        _cells(["---"] * 7),
    ]
    for row in ROWS:
        samples = found[row.work]
        for part in row.parts if samples else ():
            own = samples.get("mainstay")
            value = None if own is None else part.value(own)
            met = value is None or part.met(value)
            cells = [
                part.title,
                f"**{part.text(own)}**" if own else "-",
                *(part.text(samples[peer]) if samples.get(peer) else "-" for peer in PEERS),
                part.bar_text,
                "-" if value is None or part.bar is None else "met" if met else "**missed**",
            ]
            lines.append(_cells(cells))
    return "\n".join(lines)


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(INTERPRETERS))
    parser.add_argument("--rows", nargs="*", choices=[row.work for row in ROWS])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-rounds", type=int, default=1, help="they take minutes each")
    parser.add_argument("--folder", help="where servers and spools live")
    parser.add_argument("--json", help="keep every sample here")
    parser.add_argument("--also", nargs="*", help="put earlier samples into the table too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
