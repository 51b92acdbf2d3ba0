"""One kill of a training process: each call that returned is on the server after a sync, once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from mainstay.connect import connect
from mainstay.errors import MainstayError
from mainstay.spool.segment import segments
from mainstay.spool.sync import sync
from tests.faults.api import API, FILES, get, history
from tests.soak.cycle import Lost
from tests.soak.nursery import Fork, Nursery
from tests.soak.servers import SoakedServer
from tests.spool.conftest import free_port

SCRIPT = """
import os, sys, time, warnings
import mainstay

warnings.simplefilter("ignore")
journal = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
mainstay.set_experiment("soak")
mainstay.start_run(run_id=None, tags={"soak": sys.argv[2]})
os.write(journal, ("run " + mainstay.active_run().info.run_id + "\\n").encode())
step, steps, pause = 0, int(sys.argv[3]), float(sys.argv[4])
while step < steps:
    time.sleep(pause)
    mainstay.log_metric("loss", step / 2, step=step)
    os.write(journal, b"metric\\n")     # in the kernel: survives the kill, as the spool does
    if step % 20 == 0:
        mainstay.log_param(f"p{step // 20}", step)
        os.write(journal, b"param\\n")
    if step % 60 == 0:
        mainstay.log_text(str(step), f"notes/{step // 60:04d}.txt")
        os.write(journal, b"file\\n")
    step += 1
mainstay.end_run()
os.write(journal, b"end\\n")
"""
"""Calls are noted after they returned. A run that gets to its end ends itself."""

KINDS = ("sending", "sending", "outage", "killed server", "offline")


class Training:
    """A server, and training processes that die one after the other."""

    def __init__(self, nursery: Nursery, folder: Path, chance: random.Random) -> None:
        self._nursery = nursery
        self._folder = folder
        self._chance = chance
        self._port = free_port()
        self._server = self._start()
        self.kills = 0
        self.counts: Counter[str] = Counter()

    def run(self) -> None:
        """Train, kill, sync, compare. Raises: Lost."""
        kind = self._chance.choice(KINDS)
        folder = self._folder / f"training-{self.kills}"
        folder.mkdir()
        process = self._train(folder, offline=kind == "offline")
        if kind in ("outage", "killed server"):
            self._outage(kill=kind == "killed server")
        self._let_run(self._chance.uniform(0.0, 0.8) ** 2)
        process.kill()
        self.kills += 1
        self.counts["kills"] += 1
        self.counts[f"kills while {kind}"] += 1
        self._sync(folder / "spool")
        self._compare(folder)

    def close(self) -> None:
        """Stop the server."""
        self._server.stop()

    def _train(
        self, folder: Path, *, offline: bool = False, steps: int = 2_000, pause: float = 0.0
    ) -> Fork:
        return self._nursery.begin(
            SCRIPT,
            "train.py",
            str(folder / "journal"),
            uuid4().hex,
            str(steps),
            str(pause),
            cwd=folder,
            out=folder / "out",
            err=folder / "err",
            environment={
                "MAINSTAY_TRACKING_URI": self._server.url,
                "MAINSTAY_SPOOL_DIR": str(folder / "spool"),
                "MAINSTAY_OFFLINE": str(offline).lower(),
                "MAINSTAY_HTTP_REQUEST_MAX_RETRIES": "0",
            },
        )

    def _let_run(self, seconds: float) -> None:
        """Do nothing for so long: the moment of a fault is drawn, and nothing is waited for."""
        time.sleep(seconds)

    def _outage(self, *, kill: bool) -> None:
        """Take the server away while the process trains, for a random while."""
        self._let_run(self._chance.uniform(0.0, 0.4))
        if kill:
            self._server.kill()
        else:
            self._server.stop()
        self.counts["server outages"] += 1
        self._let_run(self._chance.uniform(0.0, 0.5))
        self._server = self._start()

    def _sync(self, spool: Path) -> None:
        if not spool.exists():
            return  # killed before its first call
        try:
            done = sync(spool, lambda target: connect(target.uri))
        except MainstayError as error:
            raise Lost(f"sync of {spool}: {error}") from error
        wrong = [one for one in done if one.state != "sent" or one.refused]
        if wrong or segments(spool):
            raise Lost(f"sync of {spool} left something: {wrong or segments(spool)}")

    def _compare(self, folder: Path) -> None:
        journal = folder / "journal"
        lines = journal.read_text().split("\n")[:-1] if journal.exists() else []
        if not lines:
            return
        calls = Counter(line.split()[0] for line in lines)
        run_id = lines[0].split()[1]
        answer = get(self._server, f"{API}/runs/get", run_id=run_id)
        if answer.status != 200:
            raise Lost(f"run {run_id} of {folder.name} is not there: {answer}")
        run = answer.json["run"]
        assert isinstance(run, dict)
        points = history(self._server, run_id, "loss") if calls["metric"] else []
        self._same("points", calls["metric"], points, [(n, n / 2) for n in range(len(points))])
        found = sorted((int(one["key"][1:]), one["value"]) for one in run["data"].get("params", []))
        self._same("params", calls["param"], found, [(n, str(n * 20)) for n in range(len(found))])
        names = self._files(run["info"]["experiment_id"], run_id)
        self._same("files", calls["file"], names, [f"{n:04d}.txt" for n in range(len(names))])
        if calls["end"] and run["info"]["status"] != "FINISHED":
            raise Lost(f"run {run_id} ended and is {run['info']['status']}")
        self.counts["calls that returned"] += sum(calls.values())

    def _files(self, experiment: str, run_id: str) -> list[str]:
        path = f"{experiment}/{run_id}/artifacts/notes"
        answer = get(self._server, FILES, path=path)
        files = answer.json.get("files", []) if answer.status == 200 else []
        assert isinstance(files, list)
        return sorted(str(one["path"]) for one in files)

    def _same(self, what: str, calls: int, found: Sequence[Any], wanted: Sequence[Any]) -> None:
        # The call that the kill interrupted may be there besides.
        if found != wanted or len(found) not in (calls, calls + 1):
            raise Lost(f"{what}: {calls} calls returned, {len(found)} are there: {found[-3:]}")

    def _start(self) -> SoakedServer:
        return SoakedServer(
            self._nursery, self._folder / "server", "sqlite:///mainstay.db", port=self._port
        )
