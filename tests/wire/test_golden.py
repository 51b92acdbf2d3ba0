"""What MLflow's client sends is read, and what MLflow's server answers is what we would write."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import msgspec
import pytest

from mainstay.errors import BadInput
from mainstay.wire.codec import decode_answer, decode_request, encode_answer, encode_request
from mainstay.wire.endpoint import MLFLOW, OWN
from mainstay.wire.endpoints import TABLE
from tests.wire.exchanges import Exchange, exchanges, row_of

RECORDED = exchanges()
FAMILIES = ("experiments", "runs", "logged_models", "registry", "versions", "artifacts", "metrics")
ACCEPTED = [one for one in RECORDED if one.refusal is None]
ANSWERED = [one for one in RECORDED if one.status == 200]


def over(chosen: list[Exchange]) -> pytest.MarkDecorator:
    """Run a test once for each exchange."""
    return pytest.mark.parametrize("exchange", chosen, ids=lambda exchange: exchange.name)


def read(exchange: Exchange) -> msgspec.Struct:
    row, path = row_of(exchange.path, exchange.method)
    return decode_request(row, exchange.method, path=path, query=exchange.query, body=exchange.raw)


@over(RECORDED)
def test_a_recorded_request_is_read_or_refused_in_mlflows_words(exchange: Exchange) -> None:
    if exchange.refusal is None:
        row, _ = row_of(exchange.path, exchange.method)
        assert isinstance(read(exchange), row.request)
    else:
        with pytest.raises(BadInput) as refused:
            read(exchange)
        assert refused.value.message == exchange.refusal


@over(ACCEPTED)
def test_a_request_that_we_send_again_means_the_same(exchange: Exchange) -> None:
    row, _ = row_of(exchange.path, exchange.method)
    request = read(exchange)
    method = exchange.method if exchange.method in row.methods else row.methods[0]
    sent = encode_request(row, request, method)
    target, _, query = sent.target.partition("?")
    _, path = row_of(target, method)
    pairs = parse_qsl(query, keep_blank_values=True)
    assert decode_request(row, method, path=path, query=pairs, body=sent.body or b"") == request


@over(ANSWERED)
def test_a_recorded_answer_is_written_as_it_was_read(exchange: Exchange) -> None:
    row, _ = row_of(exchange.path, exchange.method)
    answer = decode_answer(json.dumps(exchange.answer or {}).encode(), row.response)
    assert json.loads(encode_answer(row, answer)) == (exchange.answer or {})


@over([one for one in RECORDED if one.sent_by == "mainstay"])
def test_our_client_sends_what_was_recorded(exchange: Exchange) -> None:
    row, _ = row_of(exchange.path, exchange.method)
    sent = encode_request(row, read(exchange), exchange.method)
    assert (json.loads(sent.body) if sent.body else None) == exchange.body
    assert parse_qsl(sent.target.partition("?")[2], keep_blank_values=True) == exchange.query


def test_nothing_the_stock_client_sends_is_refused() -> None:
    stock = [one for one in RECORDED if one.sent_by == "the mlflow client"]
    assert len(stock) > 50
    assert [one.name for one in stock if one.refusal] == []


def test_every_family_has_recorded_exchanges_of_client_and_hand() -> None:
    found = {(row_of(one.path, one.method)[0].name.split(".")[0], one.sent_by) for one in RECORDED}
    assert {family for family, _ in found} >= set(FAMILIES)


def test_every_endpoint_that_speaks_json_has_a_recorded_exchange() -> None:
    recorded = {row_of(one.path, one.method)[0].name for one in RECORDED}
    speaking = {
        row.name
        for row in TABLE
        if row.path.startswith((MLFLOW, OWN)) and (row.body, row.answer) == ("json", "json")
    }
    assert speaking - recorded == {"server.openapi"}
