"""The soak itself works, in small: it kills, compares, finds a loss, and reports."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.api import Batches
from tests.soak.cycle import Cycle, Lost, Writer
from tests.soak.nursery import Fork, Nursery
from tests.soak.outages import Outages
from tests.soak.training import Training
from tests.support.parts import PROJECT


def test_a_few_kills_are_survived_and_reported(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.soak", "--kills", "3", "--databases", "sqlite"]
    command += ["--trainings", "4", "--outages", "0", "--races", "1"]
    done = subprocess.run(
        [*command, "--seed", "5", "--reports", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (page,) = tmp_path.glob("soak-*.md")
    report = page.read_text()
    assert "| seed | 5 | 5 | 5 |" in report
    assert "| SIGKILLs | 3 | 1 | 4 |" in report
    assert "lost, in part or twice** | 0 | 0 | 0 |" in report
    assert "| histories of aliases |  | 40 |  |" in report


def test_a_loss_is_found(tmp_path: Path) -> None:
    """A journal that says more than there is, as after a lost commit."""
    with (
        Nursery() as nursery,
        closing(Cycle(nursery, "sqlite:///mainstay.db", tmp_path, random.Random(1))) as cycle,
    ):
        cycle.run()
        writer = next(one for one in cycle._writers if isinstance(one.deed, Batches))
        assert isinstance(writer, Writer)
        writer.acknowledged += 1
        with pytest.raises(Lost, match="were acknowledged"):
            writer.compare(cycle._server)


def test_a_call_of_training_that_did_not_arrive_is_found(tmp_path: Path) -> None:
    with Nursery() as nursery, closing(Training(nursery, tmp_path, random.Random(2))) as training:
        journal = tmp_path
        while not (journal.is_file() and journal.stat().st_size):  # killed before its first call
            training.run()
            folder = tmp_path / f"training-{training.kills - 1}"
            journal = folder / "journal"
        with journal.open("a") as noted:
            noted.write("metric\nmetric\n")
        with pytest.raises(Lost, match="calls returned"):
            training._compare(folder)


def test_an_outage_is_lived_through_and_one_that_stops_training_is_found(tmp_path: Path) -> None:
    with (
        Nursery() as nursery,
        closing(Outages(nursery, tmp_path, random.Random(3), seconds=(0.5, 1.0))) as outages,
    ):
        outages.run()
        assert outages.counts["kills"] == 3
        assert outages.counts["trainings that went on to their end"] == 1
        folder = tmp_path / "outage-0-3"
        journal = folder / "journal"
        journal.write_text(journal.read_text().removesuffix("end\n"))
        with pytest.raises(Lost, match="was stopped by an outage"):
            outages._ends(Fork(_gone()), folder)


def _gone() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid
