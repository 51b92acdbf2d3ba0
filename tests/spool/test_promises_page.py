"""The page on the spool names tests for each promise, and each of them exists."""

from __future__ import annotations

import re

from tests.support.parts import PROJECT

PAGE = (PROJECT / "docs" / "spool.md").read_text().partition("## What is promised")[2]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_promise_names_a_test_and_every_test_exists() -> None:
    promises = [line for line in PAGE.splitlines() if line.startswith("| ")][1:]
    assert len(promises) > 20
    assert [line for line in promises if not TEST.search(line)] == []
    missing = [
        f"{path}::{name}"
        for path, name in TEST.findall(PAGE)
        if not (PROJECT / path).exists() or f"def {name}(" not in (PROJECT / path).read_text()
    ]
    assert missing == []
