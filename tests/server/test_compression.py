"""The UI's door compresses long JSON for browsers, and nothing else does."""

from __future__ import annotations

import gzip
import json

import pytest

from mainstay.server.compression import LEAST, accepts
from tests.support.server import Answer, RunningServer

SEARCH = "2.0/mlflow/experiments/search?max_results=100"
GZIP = {"Accept-Encoding": "br, gzip"}


@pytest.fixture(scope="module", autouse=True)
def _long_answers(server: RunningServer) -> None:
    for number in range(40):
        tags = [{"key": "note", "value": "a long word " * 20}]
        made = server.call(
            "POST", "/api/2.0/mlflow/experiments/create", name=f"long {number}", tags=tags
        )
        assert made.status == 200, made


def test_long_json_is_compressed_for_a_browser_and_the_same_inside(server: RunningServer) -> None:
    plain = server.request("GET", f"/ajax-api/{SEARCH}")
    packed = server.request("GET", f"/ajax-api/{SEARCH}", headers=GZIP)
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) == int(packed.headers["content-length"]) < len(plain.body) / 4
    assert gzip.decompress(packed.body) == plain.body
    assert len(json.loads(plain.body)["experiments"]) == 41
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "etag" not in answer.headers
        assert answer.headers["content-type"] == "application/json"


def test_head_says_what_get_sends(server: RunningServer) -> None:
    sent = server.request("GET", f"/ajax-api/{SEARCH}", headers=GZIP)
    said = server.request("HEAD", f"/ajax-api/{SEARCH}", headers=GZIP)
    for name in ("content-length", "content-encoding", "vary"):
        assert said.headers[name] == sent.headers[name]


def test_programs_short_answers_and_files_stay_as_they_are(server: RunningServer) -> None:
    assert _is_plain(server.request("GET", f"/api/{SEARCH}", headers=GZIP))
    for offer in ("br", "gzip;q=0", "identity", ""):
        assert _is_plain(
            server.request("GET", f"/ajax-api/{SEARCH}", headers={"Accept-Encoding": offer})
        )
    one = "/ajax-api/2.0/mlflow/experiments/get?experiment_id=0"
    assert _is_plain(server.request("GET", one, headers=GZIP))
    place = "2.0/mlflow-artifacts/artifacts/0/words.json"
    content = json.dumps(["word"] * LEAST).encode()
    assert server.request("PUT", f"/api/{place}", content).status == 200
    for door in ("api", "ajax-api"):
        found = server.request("GET", f"/{door}/{place}", headers=GZIP)
        assert _is_plain(found)
        assert found.body == content


def test_an_experiment_that_is_long_itself_is_compressed_too(server: RunningServer) -> None:
    made = server.call(
        "POST",
        "/api/2.0/mlflow/experiments/create",
        name="wordy",
        tags=[{"key": "note", "value": "a long word " * 1000}],
    )
    one = f"/ajax-api/2.0/mlflow/experiments/get?experiment_id={made.json['experiment_id']}"
    found = server.request("GET", one, headers=GZIP)
    assert found.headers["content-encoding"] == "gzip"
    assert gzip.decompress(found.body) == server.request("GET", one).body


@pytest.mark.parametrize(
    ("offer", "taken"),
    [
        ("gzip", True),
        ("GZIP;q=1.0, br", True),
        ("br;q=0, x-gzip ; q=0.5", True),
        ("gzip; q=0.0", False),
        ("deflate", False),
        ("gzip;q=words", True),
        ("", False),
    ],
)
def test_offers_are_read_as_http_means_them(offer: str, taken: bool) -> None:
    assert accepts({"accept-encoding": offer}) is taken


def _is_plain(answer: Answer) -> bool:
    return answer.status == 200 and "content-encoding" not in answer.headers
