"""The audit chain shows what was changed behind its back."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from mainstay.entities.digests import link_digest
from mainstay.entities.release import AuditEntry
from mainstay.errors import BadInput
from mainstay.promotion.audit import Head, read, read_head, verify
from tests.promotion.cases import ADA
from tests.promotion.conftest import House


@pytest.fixture
def trail(house: House) -> list[AuditEntry]:
    """Some twenty links."""
    for version in (1, 2, 3, 1, 2):
        house.registry.set_alias("churn", "champion", version, reason=f"to {version}", by=ADA)
    for n in range(10):
        house.release.append_audit("test.note", "churn", {"n": n, "value": n / 7}, by=ADA)
    return list(read(house.release))


def test_a_whole_trail_is_intact_and_gives_its_head(trail: list[AuditEntry]) -> None:
    found = verify(trail)
    assert found.intact
    assert found.links == len(trail)
    assert found.head == Head(trail[-1].sequence, trail[-1].digest)
    assert verify(trail, head=read_head(str(found.head))).intact
    assert verify([]).intact


def test_an_edit_in_the_database_is_found(house: House, trail: list[AuditEntry]) -> None:
    house.database.write(
        lambda connection: connection.execute(
            text("UPDATE audit_log SET principal = 'grace' WHERE sequence = 6")
        )
    )
    found = verify(read(house.release))
    assert not found.intact
    assert "link 6" in found.problems[0]
    assert "edited" in found.problems[0]


def test_an_edit_with_a_new_digest_breaks_the_link_after_it(trail: list[AuditEntry]) -> None:
    edited = replace(trail[5], principal="grace")
    edited = replace(edited, digest=link_digest(edited))
    found = verify([*trail[:5], edited, *trail[6:]])
    assert found.problems == ["link 7 does not follow from the one before it"]


def test_a_gap_is_found(house: House, trail: list[AuditEntry]) -> None:
    house.database.write(
        lambda connection: connection.execute(
            text("DELETE FROM audit_log WHERE sequence IN (4, 5)")
        )
    )
    assert verify(read(house.release)).problems[0] == "missing: link 4 to 5"


def test_a_cut_end_is_found_with_a_known_head(trail: list[AuditEntry]) -> None:
    head = Head(trail[-1].sequence, trail[-1].digest)
    assert verify(trail[:-3]).intact
    found = verify(trail[:-3], head=head)
    assert len(found.problems) == 1
    assert "cut" in found.problems[0]
    assert not verify([], head=head).intact


def test_a_trail_rewritten_from_some_link_on_is_found_with_a_known_head(
    trail: list[AuditEntry],
) -> None:
    head = Head(trail[-1].sequence, trail[-1].digest)
    forged: list[AuditEntry] = trail[:5]
    for link in trail[5:]:
        link = replace(link, principal="grace", previous=forged[-1].digest)
        forged.append(replace(link, digest=link_digest(link)))
    assert verify(forged).intact
    assert not verify(forged, head=head).intact


def test_a_missing_beginning_is_found(trail: list[AuditEntry]) -> None:
    assert verify(trail[1:]).problems[0] == "missing: link 1"


def test_every_random_change_is_found(trail: list[AuditEntry]) -> None:
    head = Head(trail[-1].sequence, trail[-1].digest)
    dice = random.Random(7)
    fields = ("at", "principal", "action", "subject", "data", "previous", "digest", "sequence")
    for _ in range(300):
        place, kind = dice.randrange(len(trail)), dice.choice(("edit", "drop", "swap", "cut"))
        changed = list(trail)
        if kind == "edit":
            field = dice.choice(fields)
            value = {"at": 1, "data": {"x": 1}, "sequence": 99}.get(field, "changed")
            changed[place] = replace(changed[place], **{field: value})
        elif kind == "drop":
            del changed[place]
        elif kind == "swap":
            other = (place + 1) % len(trail)
            changed[place], changed[other] = changed[other], changed[place]
        else:
            del changed[place:]
        assert not verify(changed, head=head).intact, (kind, place)


@pytest.mark.parametrize("bad", ["", "5", "5:abc", "x:" + "a" * 64])
def test_a_head_that_cannot_be_read_is_refused(bad: str) -> None:
    with pytest.raises(BadInput, match="head"):
        read_head(bad)
