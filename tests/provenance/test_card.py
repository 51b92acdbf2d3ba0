"""A card says what is known, keeps what people wrote, and shows markup as text."""

from __future__ import annotations

from mainstay.entities.provenance import Card, Section, Table
from mainstay.entities.release import Evidence
from mainstay.provenance import card, rendering
from mainstay.provenance.records import opener
from tests.provenance.conftest import COMMIT, Made

HOSTILE = "<script>alert(1)</script> | [x](javascript:1) `a` *b*"


def parts(made: Made, version: int = 1) -> dict[str, Section]:
    found = card.make(made.stores, opener(made.stores), "churn", version)
    return {part.key: part for part in found.sections}


def rows(part: Section) -> list[list[str]]:
    assert part.table is not None
    return part.table.rows


def test_a_card_tells_what_is_known_of_a_version(made: Made) -> None:
    found = parts(made)
    assert ["Run", made.runs[0]] in rows(found["summary"])
    assert rows(found["params"]) == [["c", "1"], ["kept", "same"]]
    assert ["auc", "0.8"] in rows(found["metrics"])
    assert rows(found["data"]) == [
        ["clean", made.clean, "training", "jobs/clean.py", f"raw@{made.raw}"]
    ]
    assert rows(found["inputs"]) == [["a", "double", "yes"], ["b", "double", "yes"]]
    assert ["scikit-learn", "1.7.0"] in rows(found["environment"])
    assert ["commit", COMMIT] in rows(found["code"])
    assert "verdicts" not in found


def test_what_people_wrote_stays_when_the_card_is_made_anew(made: Made) -> None:
    assert parts(made)["limitations"].text == ""
    made.stores.registry.set_model_version_tag(
        "churn", 1, card.TAG + "limitations", "Not for\nminors."
    )
    assert (parts(made)["limitations"].text, parts(made)["limitations"].editable) == (
        "Not for\nminors.",
        True,
    )
    version = made.stores.registry.get_model_version("churn", 1)
    made.stores.release.record_evidence(
        [
            Evidence(
                evidence_id=f"e-{made.runs[0]}",
                name="churn",
                version=1,
                version_digest=version.digest,
                kind="quality",
                values={"auc": 0.75, "rows": 4},
                dataset_digest="d9",
            )
        ]
    )
    later = parts(made)
    assert later["limitations"].text == "Not for\nminors."
    assert [row[:4] for row in rows(later["evidence"])] == [
        ["quality", "auc", "0.75", "d9"],
        ["quality", "rows", "4", "d9"],
    ]


def test_markup_in_names_and_values_stays_text() -> None:
    table = Table(columns=["what"], rows=[[HOSTILE]])
    made = Card(
        name="a<b>",
        version=1,
        sections=[
            Section(key="x", title="X", text=HOSTILE),
            Section(key="y", title="Y", table=table),
        ],
    )
    page = rendering.html(made)
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") == 2
    assert "<title>a&lt;b&gt;, version 1</title>" in page
    text = rendering.markdown(made)
    assert text.startswith("# a\\<b>, version 1")
    assert "| \\<script>alert(1)\\</script> \\| \\[x](javascript:1) \\`a\\` \\*b\\* |" in text
