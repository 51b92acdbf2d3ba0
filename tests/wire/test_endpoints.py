"""The table of endpoints: complete, unique, permitted."""

from __future__ import annotations

import re

import msgspec
import pytest

from mainstay.wire.base import Answer, Empty, Message, Own
from mainstay.wire.endpoint import MLFLOW, OWN, PUBLIC, Action, Endpoint, Permission
from mainstay.wire.endpoints import BY_NAME, TABLE

each = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
OPEN = {
    "server.health",
    "server.live",
    "server.ready",
    "server.version",
    "server.info",
    "server.get",
}


@each
def test_a_row_has_a_permission_and_only_signs_of_life_are_public(row: Endpoint) -> None:
    assert isinstance(row.permission, Permission)
    assert (row.permission == PUBLIC) == (row.name in OPEN)


@each
def test_a_row_that_changes_things_asks_for_more_than_reading(row: Endpoint) -> None:
    reading = {"POST": re.compile(r"search|series|summaries|pulses|latest|interval|download")}
    for method in row.methods:
        harmless = method == "GET" or (method in reading and reading[method].search(row.path))
        # A token of one's own is everybody's; the handler tells whose it is.
        if harmless or row.path.endswith("accounts/tokens"):
            continue
        assert row.permission.action in (Action.WRITE, Action.MANAGE, Action.ADMIN)


@each
def test_a_row_under_mlflows_prefix_answers_under_ajax_api_too(row: Endpoint) -> None:
    if row.path.startswith(MLFLOW):
        assert row.paths == (row.path, "/ajax-api" + row.path.removeprefix("/api"))
    if row.own:
        assert row.paths == (row.path,)


@each
def test_a_rows_path_parameters_are_fields_of_its_request(row: Endpoint) -> None:
    fields = {field.name for field in msgspec.structs.fields(row.request)}
    assert set(row.parameters) <= fields


@each
def test_our_rows_take_and_give_our_messages_and_mlflows_its_own(row: Endpoint) -> None:
    if row.own:
        assert issubclass(row.request, Own) or row.request is Empty
        assert issubclass(row.response, Answer) or row.response is Empty
    else:
        assert issubclass(row.request, Message)
        assert issubclass(row.response, Message)


@each
def test_a_row_says_what_it_is_for(row: Endpoint) -> None:
    assert (row.request.__doc__ or "").strip()
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", row.name)


def test_no_two_rows_answer_the_same_request() -> None:
    doors = [(method, path) for row in TABLE for path in row.paths for method in row.methods]
    assert len(doors) == len(set(doors))
    assert len(BY_NAME) == len(TABLE)


def test_a_path_is_filled_with_quoted_values() -> None:
    row = BY_NAME["logged_models.delete_tag"]
    url = row.url({"model_id": "m-1", "tag_key": "a b/ü"})
    assert url == MLFLOW + "logged-models/m-1/tags/a%20b/%C3%BC"


def test_the_paths_that_mlflow_documents_are_all_there() -> None:
    known = {path for row in TABLE for path in row.paths}
    wanted = """
        experiments/create experiments/get experiments/get-by-name experiments/search
        experiments/delete experiments/restore experiments/update experiments/set-experiment-tag
        experiments/delete-experiment-tag runs/create runs/get runs/update runs/delete runs/restore
        runs/search runs/log-metric runs/log-parameter runs/set-tag runs/delete-tag runs/log-batch
        runs/log-inputs runs/outputs runs/log-model metrics/get-history
        metrics/get-history-bulk-interval artifacts/list logged-models logged-models/search
        logged-models/{model_id} logged-models/{model_id}/tags
        logged-models/{model_id}/params logged-models/{model_id}/artifacts/directories
        registered-models/create registered-models/rename registered-models/update
        registered-models/delete registered-models/get registered-models/search
        registered-models/get-latest-versions registered-models/set-tag
        registered-models/delete-tag registered-models/alias model-versions/create
        model-versions/get model-versions/search model-versions/update model-versions/delete
        model-versions/transition-stage model-versions/get-download-uri model-versions/set-tag
        model-versions/delete-tag
    """
    missing = [path for path in wanted.split() if MLFLOW + path not in known]
    assert missing == []
    assert OWN + "spool/apply" in known
