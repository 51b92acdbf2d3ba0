"""``mainstay doctor``: is everything that mainstay needs in order, and what to do if not."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import click
import msgspec

from mainstay import __version__, context, settings
from mainstay.cli.output import json_option, print_json, print_table
from mainstay.errors import MainstayError

LOW_SPACE = 1 << 30
"""Bytes free below which the disk of the spool is called short."""

CLOCK_SKEW = 60
"""Seconds that this machine's clock may differ from the server's."""

State = Literal["ok", "warning", "problem"]


class Finding(msgspec.Struct, frozen=True):
    """What one look found, and what to do about it."""

    what: str
    state: State
    message: str
    advice: str = ""


@click.command()
@click.option("--tracking-uri", help="The server or database to look at.")
@click.option("--mask-envs", is_flag=True, help="Do not print values of variables.")
@json_option
def doctor(tracking_uri: str | None, mask_envs: bool, as_json: bool) -> None:
    """Check server, versions, clock, spool and permissions. Exit code 1 if there is a problem."""
    uri = context.absolute(tracking_uri) if tracking_uri else context.tracking_uri()
    found = [finding for look in LOOKS for finding in look(uri)]
    found.append(_variables(masked=mask_envs))
    if as_json:
        print_json(found)
    else:
        print_table(
            ["", "state", "found", "what to do"],
            [[one.what, one.state, one.message, one.advice] for one in found],
        )
    if any(one.state == "problem" for one in found):
        sys.exit(1)


def report(mask_envs: bool = False) -> None:
    """Print what ``mainstay doctor`` finds: ``mainstay.doctor()`` in a script or notebook."""
    uri = context.tracking_uri()
    for one in [*(found for look in LOOKS for found in look(uri)), _variables(masked=mask_envs)]:
        print(f"{one.what}: {one.message}" + (f"; {one.advice}" if one.advice else ""))


def _versions(_: str) -> Iterator[Finding]:
    import sqlalchemy

    yield Finding(
        "versions",
        "ok",
        f"mainstay {__version__}, Python {platform.python_version()}, SQLAlchemy "
        f"{sqlalchemy.__version__}, {platform.platform()}",
    )


def _server(uri: str) -> Iterator[Finding]:
    from mainstay.connect import connect

    try:
        with connect(uri) as stores:
            stores.tracking.get_experiment("0")
            ask = getattr(stores.tracking, "is_mainstay", None)
            ours = True if ask is None else bool(ask())
    except MainstayError as error:
        advice = (
            "start it with `mainstay server`, or set MAINSTAY_TRACKING_URI"
            if uri.startswith("http")
            else "see `mainstay db check`"
        )
        yield Finding("tracking", "problem", f"{uri}: {error.message}", advice)
        return
    if ours:
        yield Finding("tracking", "ok", f"{uri} answers")
    else:
        yield Finding(
            "tracking",
            "warning",
            f"{uri} is an MLflow server, not mainstay",
            "runs work; gates, monitoring and drift need `mainstay server`",
        )
    yield from _clock(uri)


def _clock(uri: str) -> Iterator[Finding]:
    if not uri.startswith("http"):
        return
    import time
    from email.utils import parsedate_to_datetime

    import urllib3

    try:
        answer = urllib3.request("GET", f"{uri}/health", timeout=5.0, retries=False)
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (urllib3.exceptions.HTTPError, KeyError, ValueError):
        return
    off = time.time() - theirs
    if abs(off) <= CLOCK_SKEW:
        yield Finding("clock", "ok", "agrees with the server's")
    else:
        yield Finding(
            "clock",
            "warning",
            f"differs from the server's by {off:.0f} s",
            "set this machine's clock (NTP); times of points are this machine's",
        )


def _spool(_: str) -> Iterator[Finding]:
    from mainstay.spool.segment import QUARANTINE
    from mainstay.spool.sync import pending

    root = settings.SPOOL_DIR.get()
    yield _writable(root)
    waiting = [one for one in pending(root) if not one.in_use] if root.is_dir() else []
    if waiting:
        size = sum(one.size for one in waiting)
        yield Finding(
            "spool",
            "warning",
            f"{len(waiting)} segment(s), {size} bytes, wait in {root}",
            "send them with `mainstay sync`",
        )
    else:
        yield Finding("spool", "ok", f"nothing waits in {root}")
    for one in waiting:
        if one.damaged:
            yield Finding(
                "spool",
                "problem",
                f"{root / one.segment} does not say any more where its records go",
                "mainstay sync --to ADDRESS",
            )
    kept = sorted((root / QUARANTINE).glob("*")) if root.is_dir() else []
    if kept:
        yield Finding(
            "quarantine",
            "warning",
            f"{len(kept)} record(s) could not be read or were refused",
            f"look into {root / QUARANTINE}, then delete them",
        )


def _writable(root: Path) -> Finding:
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=root):
            pass
        free = shutil.disk_usage(root).free
    except OSError as error:
        return Finding(
            "spool folder", "problem", f"{root}: {error}", "set MAINSTAY_SPOOL_DIR to another one"
        )
    if os.name == "posix" and root.stat().st_mode & 0o077:
        return Finding(
            "spool folder", "warning", f"{root} can be read by others", f"chmod 700 {root}"
        )
    if free < LOW_SPACE:
        return Finding(
            "spool folder",
            "warning",
            f"{free} bytes are free at {root}",
            "make room, or set MAINSTAY_SPOOL_DIR: a full disk loses log calls",
        )
    return Finding("spool folder", "ok", f"{root}, {free >> 30} GiB free")


def _git(_: str) -> Iterator[Finding]:
    if shutil.which("git") is None:
        yield Finding(
            "git", "warning", "git is not installed", "install it: runs then say if code differs"
        )


def _variables(*, masked: bool) -> Finding:
    secret = {settings.TRACKING_TOKEN.name, settings.TRACKING_PASSWORD.name}
    shown = []
    for setting in settings.all_settings():
        for variable in setting.variables:
            if os.environ.get(variable):
                hidden = masked or setting.name in secret
                shown.append(f"{variable}={'***' if hidden else os.environ[variable]}")
    return Finding("settings", "ok", ", ".join(shown) or "all at their defaults")


LOOKS: tuple[Callable[[str], Iterator[Finding]], ...] = (_versions, _server, _spool, _git)
