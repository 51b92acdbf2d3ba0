"""Verify the audit chain: find edits, gaps, reordering and, given a known head, truncation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from mainstay.entities.digests import GENESIS, link_digest
from mainstay.entities.release import AuditEntry
from mainstay.errors import BadInput
from mainstay.stores.base import ReleaseStore

PAGE = 1000
PROBLEMS = 20
"""After so many problems the rest adds nothing."""


class Head(msgspec.Struct, frozen=True):
    """The last link as somebody noted it elsewhere: what no one with the database can change."""

    sequence: int
    digest: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.digest}"


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; ``head`` is to be kept outside the database for the next time."""

    links: int
    head: Head | None
    problems: list[str]

    @property
    def intact(self) -> bool:
        """True if nothing is wrong."""
        return not self.problems


def read_head(text: str) -> Head:
    """Read ``<sequence>:<digest>``.

    >>> read_head("2:" + "a" * 64).sequence
    2

    Raises: BadInput.
    """
    number, _, digest = text.strip().partition(":")
    if not number.isdigit() or len(digest) != 64:
        raise BadInput(f"{text!r} is no head of an audit trail; write <sequence>:<64 hex digits>")
    return Head(int(number), digest)


def verify(entries: Iterable[AuditEntry], *, head: Head | None = None) -> Verification:
    """Check the whole chain, from its first link.

    Without ``head`` a chain that was cut at its end, or rewritten from some link on, looks whole;
    with it, both are found.
    """
    problems: list[str] = []
    last: AuditEntry | None = None
    links, met = 0, head is None
    for entry in entries:
        links += 1
        problems += _link(entry, last)
        if head is not None and entry.sequence == head.sequence:
            met = True
            if entry.digest != head.digest:
                problems.append(f"link {head.sequence} is not the one that was noted as head")
        last = entry
        if len(problems) >= PROBLEMS:
            break
    if not met and head is not None and len(problems) < PROBLEMS:
        end = last.sequence if last else 0
        problems.append(f"the trail ends at link {end}, but link {head.sequence} was noted: cut")
    return Verification(
        links=links,
        head=Head(last.sequence, last.digest) if last else None,
        problems=problems,
    )


def read(release: ReleaseStore, *, subject: str | None = None) -> Iterator[AuditEntry]:
    """Yield every link of a store, page by page."""
    after = 0
    while True:
        page = release.list_audit(after=after, limit=PAGE, subject=subject)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].sequence


def _link(entry: AuditEntry, last: AuditEntry | None) -> list[str]:
    problems = []
    expected = last.sequence + 1 if last else 1
    if entry.sequence > expected:
        end = entry.sequence - 1
        gap = f"{expected}" if end == expected else f"{expected} to {end}"
        problems.append(f"missing: link {gap}")
    elif entry.sequence < expected:
        problems.append(f"link {entry.sequence} comes after link {expected - 1}")
    if entry.previous != (last.digest if last else GENESIS):
        problems.append(f"link {entry.sequence} does not follow from the one before it")
    if link_digest(entry) != entry.digest:
        problems.append(f"link {entry.sequence} ({entry.action} of {entry.subject}) was edited")
    return problems
