"""The report of a soak: what was done, with which seeds, and what was lost."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What happened to one part: servers on one database, or training."""

    name: str
    seed: int
    kills: int
    counts: dict[str, int]
    losses: list[str]
    seconds: float


def write(folder: Path, outcomes: Sequence[Outcome], *, mainstay: str, at: datetime) -> Path:
    """Write ``soak-<date>.md`` and return its path; a second one of a day has its time too."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"soak-{at:%Y-%m-%d}.md"
    if page.exists():
        page = folder / f"soak-{at:%Y-%m-%d-%H%M}.md"
    page.write_text(text(outcomes, mainstay=mainstay, at=at))
    return page


def text(outcomes: Sequence[Outcome], *, mainstay: str, at: datetime) -> str:
    """Return the report as Markdown."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    lines = [
        f"# Soak of {at:%Y-%m-%d %H:%M} UTC",
        "",
        f"mainstay {mainstay}, Python {platform.python_version()}, {machine}.",
        "",
        "Servers were killed with SIGKILL at random moments while five clients wrote: two sent",
        "`log-batch`, one uploaded files, two moved aliases by compare-and-set. After each start",
        "everything was compared with the clients' journals. Training processes that log points,",
        "parameters and files were killed likewise, some while the server was away or they were",
        "offline; after `mainstay sync` the server was compared with what each had noted of calls",
        "that returned. In an outage the server is away for minutes while four processes train:",
        "two are killed meanwhile, one while what it kept is sent, and one must get to its own",
        "end. In a race five clients move and read 40 aliases while the server is killed, and each",
        "history must have one order that explains all its answers (the check of Wing and Gong).",
        "Again: `just soak --seed <seed>`.",
        "",
        "| | " + " | ".join(f"{one.name}" for one in outcomes) + " |",
        "|---|" + "---|" * len(outcomes),
    ]

    def row(name: str, values: Sequence[object]) -> None:
        lines.append(f"| {name} | " + " | ".join(map(str, values)) + " |")

    row("seed", [one.seed for one in outcomes])
    row("SIGKILLs", [one.kills for one in outcomes])
    names = sorted({name for one in outcomes for name in one.counts} - {"kills"})
    for name in names:
        row(name, [one.counts.get(name, "") for one in outcomes])
    row(
        "**acknowledged or returned, and lost, in part or twice**",
        [len(one.losses) for one in outcomes],
    )
    row("minutes", [f"{one.seconds / 60:.1f}" for one in outcomes])
    lines.append("")
    for one in outcomes:
        lines += [f"- {one.name}: {loss}" for loss in one.losses]
    return "\n".join(lines).rstrip() + "\n"
