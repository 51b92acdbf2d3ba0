"""Kill servers at random, thousands of times, and look whether anything acknowledged was lost.

    python -m tests.soak --kills 10000

Each cycle starts the real server, lets clients write to it (batches, files, compare-and-set of
aliases), sends SIGKILL after a random while, starts it again and compares everything with the
clients' journals. Then clients race for aliases (``--races``), the server dies, and each alias's
history must have one order that explains all answers. Then training processes are killed in the
same way (``--trainings``), some while the server is away, and what their spools hold is sent and
compared; then the server is away for up to ten minutes (``--outages``) while training goes on.
Seeds are printed; ``--seed`` repeats the waits. Writes a dated report.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import text

from mainstay import __version__
from mainstay.stores.sql.database import Database
from tests.soak.cycle import Cycle, Lost
from tests.soak.histories import Histories
from tests.soak.nursery import Nursery
from tests.soak.outages import SECONDS, Outages
from tests.soak.report import Outcome, write
from tests.soak.training import Training
from tests.support.parts import PROJECT, postgres_bin
from tests.support.postgres import Cluster

Fresh = Callable[[], str]
"""Gives the address of a new database."""


class Part(Protocol):
    """What is killed again and again."""

    kills: int
    counts: Counter[str]

    def run(self) -> None:
        """Kill once, and compare. Raises: Lost."""
        ...

    def close(self) -> None:
        """End it. Raises: Lost."""
        ...


Begin = Callable[[Path, random.Random], Part]


def main() -> int:
    """Run every part and write the report. Exit code 1: something was lost."""
    parser = argparse.ArgumentParser(description="Kill servers; nothing acknowledged may be lost.")
    parser.add_argument("--kills", type=int, default=10_000, help="SIGKILLs of each database")
    parser.add_argument("--races", type=int, default=250, help="SIGKILLs in races for aliases")
    parser.add_argument("--trainings", type=int, default=1000, help="SIGKILLs of training")
    parser.add_argument("--outages", type=int, default=20, help="outages of minutes")
    parser.add_argument(
        "--outage-seconds",
        type=float,
        nargs=2,
        default=SECONDS,
        metavar=("LEAST", "MOST"),
        help="how long the server is away; drawn anew for each outage",
    )
    parser.add_argument("--minutes", type=float, default=0, help="stop each part after these")
    parser.add_argument("--seed", type=int, default=None, help="default: a new one")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--reports", type=Path, default=PROJECT / "docs" / "reports")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if asked.seed is None else asked.seed
    outcomes = []
    with Nursery() as nursery:
        for kind in filter(None, asked.databases.split(",")):
            print(f"{kind}: {asked.kills} kills, seed {seed}", flush=True)
            with _database(kind) as (fresh, version):

                def serving(folder: Path, chance: random.Random, fresh: Fresh = fresh) -> Part:
                    return Cycle(nursery, fresh(), folder, chance)

                def racing(folder: Path, chance: random.Random, fresh: Fresh = fresh) -> Part:
                    return Histories(nursery, fresh(), folder, chance)

                name = f"{kind} {version}"
                if asked.kills:
                    outcomes.append(_soak(name, serving, asked.kills, seed, asked.minutes))
                if asked.races:
                    name += ", races"
                    outcomes.append(_soak(name, racing, asked.races, seed, asked.minutes))
        if asked.trainings:
            print(f"training: {asked.trainings} kills, seed {seed}", flush=True)

            def training(folder: Path, chance: random.Random) -> Part:
                return Training(nursery, folder, chance)

            outcomes.append(_soak("training", training, asked.trainings, seed, asked.minutes))
        if asked.outages:
            print(f"outages: {asked.outages}, seed {seed}", flush=True)

            def outages(folder: Path, chance: random.Random) -> Part:
                return Outages(nursery, folder, chance, seconds=tuple(asked.outage_seconds))

            outcomes.append(_soak("outages", outages, asked.outages, seed, asked.minutes))
    page = write(asked.reports, outcomes, mainstay=__version__, at=datetime.now(UTC))
    print(f"report: {page}")
    return 1 if any(outcome.losses for outcome in outcomes) else 0


def _soak(name: str, begin: Begin, kills: int, seed: int, minutes: float) -> Outcome:
    chance = random.Random(f"{name.split()[0]} {seed}")
    begun = time.monotonic()
    deadline = begun + minutes * 60 if minutes else float("inf")
    counts: Counter[str] = Counter()
    losses: list[str] = []
    done = 0
    while done < kills and time.monotonic() < deadline and not losses:
        # A fresh database now and then, so that checking everything stays quick.
        with tempfile.TemporaryDirectory(prefix="mainstay-soak-") as folder:
            part = begin(Path(folder), chance)
            try:
                while done < kills and part.kills < 25 and time.monotonic() < deadline:
                    part.run()
                    done += 1
                    if done % 25 == 0:
                        print(f"  {done} kills, {dict(part.counts)}", flush=True)
            except Lost as loss:
                losses.append(f"after {done} kills: {loss}")
                print(f"  LOST {losses[-1]}", flush=True)
            finally:
                part.close()
                counts += part.counts
    return Outcome(name, seed, counts["kills"], dict(counts), losses, time.monotonic() - begun)


@contextmanager
def _database(kind: str) -> Iterator[tuple[Fresh, str]]:
    """Yield what gives the address of a new database, and the version of its program."""
    if kind == "sqlite":
        yield lambda: "sqlite:///mainstay.db", _sqlite_version()
        return
    if postgres_bin() is None:
        sys.exit("PostgreSQL is not installed here; use --databases sqlite")
    cluster = Cluster()
    try:
        yield cluster.create_database, str(postgres_bin()).split("/")[-2]
    finally:
        cluster.stop()


def _sqlite_version() -> str:
    database = Database("sqlite://")
    with database.read() as connection:
        version = str(connection.execute(text("SELECT sqlite_version()")).scalar_one())
    database.close()
    return version


if __name__ == "__main__":
    sys.exit(main())
