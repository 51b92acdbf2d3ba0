"""From a version back to all that it came from, and forward from data and commits."""

from __future__ import annotations

import msgspec
import pytest

from mainstay.data import made_by
from mainstay.entities.inputs import Dataset
from mainstay.entities.monitoring import Deployment
from mainstay.entities.registry import AliasChange
from mainstay.errors import BadInput, NotFound
from mainstay.provenance.forward import forward
from mainstay.provenance.lineage import held, lineage
from mainstay.provenance.records import opener
from tests.provenance.conftest import COMMIT, Made


def names(found: dict[str, object]) -> list[str]:
    return [f"{one['name']}/{one['version']}" for one in found["versions"]]  # type: ignore[attr-defined]


def test_a_version_leads_to_run_commit_data_environment_and_parents(made: Made) -> None:
    found = lineage(made.stores, "churn", 1, open_files=opener(made.stores))
    assert found["run"]["run_id"] == made.runs[0]
    assert found["run"]["code"]["commit"] == COMMIT
    (data,) = found["run"]["data"]
    assert (data["name"], data["digest"], data["context"]) == ("clean", made.clean, "training")
    assert (data["job"], data["parents"]) == (
        "jobs/clean.py",
        [{"name": "raw", "digest": made.raw}],
    )
    assert "scikit-learn==1.7.0" in found["environment"]["requirements"]
    assert found["environment"]["python"]
    second = lineage(made.stores, "churn", 2)
    (parent,) = second["parents"]
    assert (parent["run_id"], parent["versions"]) == (made.runs[0], ["models:/churn/1"])
    assert second["environment"] is None
    with pytest.raises(NotFound):
        lineage(made.stores, "churn", 99)


def test_a_version_leads_to_every_alias_it_ever_held_and_to_who_serves_it(made: Made) -> None:
    registry = made.stores.registry
    registry.set_alias("churn", "champion", 1, reason="first")
    registry.set_alias("churn", "champion", 2)
    registry.set_alias("churn", "champion", 1)
    made.stores.monitoring.put_deployment(
        Deployment(
            deployment="churn@champion",
            uri="models:/churn@champion",
            name="churn",
            desired_version=1,
            serving_version=1,
            url="http://127.0.0.1:9",
            state="serving",
        )
    )
    found = lineage(made.stores, "churn", 1)
    first, last = found["aliases_held"]
    assert (first["reason"], first["to"] is None, last["to"]) == ("first", False, None)
    assert [item.deployment for item in found["deployments"]] == ["churn@champion"]
    assert lineage(made.stores, "churn", 2)["deployments"] == []
    assert forward(made.stores, commit=COMMIT)["deployments"][0].serving_version == 1


def test_spans_of_aliases_follow_the_history() -> None:
    def change(at: int, alias: str, previous: int | None, version: int | None) -> AliasChange:
        return AliasChange(
            change_id=at,
            name="churn",
            alias=alias,
            previous=previous,
            version=version,
            principal=f"p{at}",
            reason="",
            kind="set" if version else "delete",
            verdict_id=None,
            at=at,
        )

    history = [
        change(1, "a", None, 1),
        change(2, "b", None, 1),
        change(3, "a", 1, 1),
        change(4, "a", 1, 2),
        change(5, "b", 1, None),
        change(6, "a", 2, 1),
    ]
    spans = [(one["alias"], one["from"], one["to"]) for one in held(history, 1)]
    assert spans == [("a", 1, 4), ("b", 2, 5), ("a", 6, None)]
    assert held(history, 3) == []


def test_data_and_commits_lead_to_what_was_built_from_them(made: Made) -> None:
    for start in (made.clean, "clean"):
        found = forward(made.stores, dataset=start)
        assert [run["run_id"] for run in found["runs"]] == [made.runs[0]]
        assert names(found) == ["churn/1"]
        assert found["complete"]
    for commit in (COMMIT, COMMIT[:12]):
        assert names(forward(made.stores, commit=commit)) == ["churn/1"]
    assert names(forward(made.stores, dataset="never logged")) == []


def test_what_was_made_from_data_and_models_in_turn_is_followed_if_asked(made: Made) -> None:
    assert names(forward(made.stores, dataset=made.raw)) == []
    assert names(forward(made.stores, dataset=made.raw, derived=True)) == ["churn/1", "churn/2"]
    assert names(forward(made.stores, commit=COMMIT, derived=True)) == ["churn/1", "churn/2"]


@pytest.mark.parametrize("start", [{}, {"dataset": "a", "commit": "b"}, {"dataset": "'\""}])
def test_a_question_that_starts_nowhere_is_refused(made: Made, start: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        forward(made.stores, **start)  # type: ignore[arg-type]


def test_parents_are_data_sets_records_or_pairs() -> None:
    record = Dataset(name="raw", digest="d1", source_type="local", source="{}")
    tags = made_by(parents=[record, ("other", "d2")])
    assert msgspec.json.decode(tags["mainstay.data.parents"]) == [
        {"name": "raw", "digest": "d1"},
        {"name": "other", "digest": "d2"},
    ]
    assert made_by() == {}
    with pytest.raises(BadInput, match="no data set"):
        made_by(parents=["raw"])
