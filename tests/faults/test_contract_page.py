"""The published contract names a test for each clause, and each of them exists."""

from __future__ import annotations

import re

from tests.support.parts import PROJECT

PAGE = (PROJECT / "docs" / "reliability.md").read_text()
CLAUSES = re.findall(r"^## D(\d+)\. .*?(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
TEST = re.compile(r"^- `(tests/[\w/]+\.py)::(test_\w+)`$", re.MULTILINE)


def test_there_are_twenty_clauses_each_with_a_test() -> None:
    assert [int(number) for number in CLAUSES] == list(range(1, 21))
    for clause in re.split(r"^## ", PAGE, flags=re.MULTILINE):
        if re.match(r"D\d+\.", clause):
            assert TEST.search(clause), clause[:60]


def test_each_clause_begins_with_the_words_of_the_contract() -> None:
    quotes = re.findall(r"^## D\d+\. [^\n]+\n((?:> [^\n]+\n)+)", PAGE, re.MULTILINE)
    assert len(quotes) == 20
    assert all(len(quote.split()) > 8 for quote in quotes)


def test_every_test_that_the_contract_names_exists() -> None:
    named = TEST.findall(PAGE)
    assert len(named) > 40
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (PROJECT / path).exists() or f"def {name}(" not in (PROJECT / path).read_text()
    ]
    assert missing == []
