"""Two versions beside each other, through Python and through the endpoint."""

from __future__ import annotations

import msgspec
import pytest
import urllib3

from mainstay import Client
from mainstay.entities.provenance import Change, Difference
from mainstay.entities.registry import ModelVersion
from mainstay.errors import NotFound
from mainstay.provenance.difference import compare, packages
from mainstay.provenance.records import Folder, opener
from tests.provenance.conftest import COMMIT, Made


def between(made: Made, before: int, after: int) -> Difference:
    return compare(made.stores, opener(made.stores), ("churn", before), ("churn", after))


def test_what_differs_is_listed_and_what_is_equal_is_not(made: Made) -> None:
    found = between(made, 1, 2)
    assert found.params == [Change(key="c", before="1", after="2")]
    assert found.metrics == [
        Change(key="auc", before=0.8, after=0.9),
        Change(key="odd", before="NaN", after=None),
    ]
    assert found.data == [Change(key="clean (training)", before=made.clean, after=None)]
    assert COMMIT in [one.before for one in found.code if one.key == "commit"]
    assert (found.same_files, found.environment, found.notes) == (False, "lock", [])


def test_a_caller_of_the_first_would_break_and_that_of_the_second_too(made: Made) -> None:
    found = between(made, 1, 2)
    assert (found.compatible, found.breaks) == (False, ["input 'c' is new and required"])
    back = between(made, 2, 1)
    assert back.compatible is True
    same = between(made, 1, 1)
    assert (same.compatible, same.same_files, same.packages) == (True, True, [])


def test_the_client_has_a_call_for_each_question(made: Made) -> None:
    client = Client(stores=made.stores)
    assert client.compare_model_versions("churn", "1", 2) == between(made, 1, 2)
    assert client.get_model_version_lineage("churn", 1)["run"]["run_id"] == made.runs[0]
    built = client.find_built_from(dataset="clean")["versions"]
    assert [one["uri"] for one in built] == ["models:/churn/1"]
    assert client.get_model_card("churn", 1).name == "churn"


def test_packages_are_compared_by_name_and_by_what_is_asked() -> None:
    assert packages(["NumPy==2.1", "scikit_learn >=1,<2", "-r other.txt", "x @ file:///x"]) == {
        "numpy": "2.1",
        "scikit-learn": "<2,>=1",
        "x": "",
    }


def test_files_that_are_away_are_told_and_the_rest_is_compared(made: Made) -> None:
    made.stores.registry.create_registered_model("away")
    made.stores.registry.create_model_version(
        "away", "s3://no-such-bucket-of-mainstay/x", digest="ab" * 32
    )
    made.stores.registry.set_version_digest("away", 1, "ab" * 32)  # to a server it was a claim
    found = compare(made.stores, _nowhere, ("churn", 1), ("away", 1))
    assert (found.compatible, found.same_files) == (None, False)
    assert len(found.notes) == 2
    assert "cannot be read" in found.notes[0]
    assert found.params[0] == Change(key="c", before="1", after=None)


def _nowhere(_: ModelVersion) -> Folder:
    raise NotFound("not here")


def test_the_endpoints_answer_the_same_document(made: Made) -> None:
    if not made.stores.uri.startswith("http"):
        pytest.skip("a database has no endpoints")
    base = f"{made.stores.uri}/api/mainstay/1.0/registry"
    answer = urllib3.request("GET", f"{base}/difference?name=churn&version=1&other=2")
    assert answer.status == 200
    found = msgspec.convert(answer.json()["difference"], Difference)
    assert found == between(made, 1, 2)
    forward = urllib3.request("GET", f"{base}/forward?dataset=clean").json()["forward"]
    assert [one["uri"] for one in forward["versions"]] == ["models:/churn/1"]
    back = urllib3.request("GET", f"{base}/lineage?name=churn&version=1").json()["lineage"]
    assert back["run"]["metrics"] == {"auc": 0.8, "odd": "NaN"}
    assert back["environment"]["requirements"]
    card = urllib3.request("GET", f"{base}/card?name=churn&version=1").json()
    assert "# churn, version 1" in card["markdown"]
    assert "<h1>churn, version 1</h1>" in card["html"]
    for wrong in ("card?name=churn&version=9", "forward", "lineage?name=none&version=1"):
        assert urllib3.request("GET", f"{base}/{wrong}").status in (400, 404)
