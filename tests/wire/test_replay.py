"""The requests that were written by hand for MLflow's server, sent in order to ours.

Statuses, error codes, messages and the shape of answers are the same, but for the differences
that are listed here with their reason.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.server import Answer, RunningServer
from tests.wire.exchanges import Exchange, exchanges

BY_HAND = sorted(
    (one for one in exchanges() if one.turn is not None), key=lambda one: one.turn or 0
)
DROPS = "MLflow drops the value it cannot read and answers 200; ours refuses it"
WORDS = "other words for the same refusal"
BETTER = "MLflow answers 500 or the text of a database error"

STATUS = {
    "exp_search_enumbad": DROPS,
    "run_create_bool_time": DROPS,
    "run_create_bad_tags": DROPS,
    "run_create_bad_tag": DROPS,
    "run_create_tag_nokey": DROPS,
    "log_metric_listval": BETTER,
    "log_metric_floatts": DROPS,
    "log_metric_huge": DROPS,
    "log_batch_badts": DROPS,
    "log_batch_badval": DROPS,
    "log_batch_param_int": DROPS,
    "log_batch_items": BETTER,
    "log_inputs_bad": DROPS,
    "alias_del_query": "a DELETE may name its object in the query too",
    "exp_search_get_camel": "camelCase counts in a query too",
    "wh_create_event_empty": BETTER,
    "wh_create_event_deleted": "an event that MLflow does not have",
    "wh_create_event_unknown": BETTER,
    "wh_create_userinfo": "credentials in an address would be shown to whoever lists webhooks",
    "wh_create_port": "webhooks lead to ports of https",
    "wh_create_status_bad": DROPS,
    "wh_create_twice_same": "the same event twice is the event once",
}
MESSAGE = {
    "run_create_badjson": BETTER,
    "run_create_list": BETTER,
    "bulk_interval_bad": WORDS,
    "wh_create_loopback": WORDS,
    "wh_list_token": WORDS,
}
SHAPE = {
    "hist_inf": "MLflow turns -Infinity into the smallest float",
    "run_get": "points say what they are about; those that MLflow lost are refused",
    "run_get_uuid": "as run_get",
    "run_search": "as run_get; a run without a start time starts now, so the order differs",
    "run_search_filter": "as run_get",
    "search_datasets_ajax": "the data set without a digest was refused",
    "lm_dirs": "a file was uploaded here",
    "lm_tags": "the answer holds the model, as its protocol says; MLflow's is empty",
    "exp_search": "the other server had another experiment",
    "rm_get": "latest_versions in another order; digests",
    "rm_search0": "latest_versions in another order; digests",
}
OURS_ALONE = {"digest", "storage_location", "model_id", "outputs", "user_id"}
"""Fields that only our answers have in these exchanges."""


class Replay:
    """Sends exchanges to a server under the ids that it gave."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.ids: dict[str, str] = {}
        self.experiments: dict[str, str] = {}

    def send(self, exchange: Exchange) -> Answer:
        """Send one request, and learn the ids that the answer brings."""
        query = urlencode([(key, self.own(value, key)) for key, value in exchange.query])
        body = exchange.text if exchange.text is not None else exchange.body
        raw = None if body is None else self.own(body)
        if raw is not None and not isinstance(raw, str):
            raw = json.dumps(raw)
        elif raw is not None:
            raw = self._in_text(raw)
        target = self.own(exchange.path) + (f"?{query}" if query else "")
        answer = self.server.request(
            exchange.method, target, raw, {"Content-Type": "application/json"}
        )
        if answer.status == exchange.status == 200 and exchange.answer:
            self._learn(exchange, answer.json)
        return answer

    def own(self, value: Any, key: str = "") -> Any:
        """Return a value with the other server's ids replaced by this one's."""
        if isinstance(value, list):
            return [self.own(one, key) for one in value]
        if isinstance(value, dict):
            return {name: self.own(one, name) for name, one in value.items()}
        if not isinstance(value, str):
            return value
        if key.lower().replace("_", "") in ("experimentid", "experimentids"):
            return self.experiments.get(value, value)
        for theirs, ours in self.ids.items():
            value = value.replace(theirs, ours)
        for theirs, ours in self.experiments.items():
            value = value.replace(f"mlflow-artifacts:/{theirs}/", f"mlflow-artifacts:/{ours}/")
            value = re.sub(rf"\bid={theirs}\b", f"id={ours}", value)
            value = re.sub(rf"^{theirs}/", f"{ours}/", value)
        return value

    def upload(self, location: str) -> None:
        """Put a file where the other server had one."""
        path = location.removeprefix("mlflow-artifacts:/")
        target = f"/api/2.0/mlflow-artifacts/artifacts/{path}/d/f.txt"
        assert self.server.request("PUT", target, b"hello").status == 200

    def _in_text(self, text: str) -> str:
        for theirs, ours in self.experiments.items():
            text = text.replace(f'\\"{theirs}\\"', f'\\"{ours}\\"')
        return text

    def _learn(self, exchange: Exchange, ours: dict[str, Any]) -> None:
        if exchange.path.endswith("experiments/create"):
            self.experiments[exchange.answer["experiment_id"]] = ours["experiment_id"]
        for noun, key in (("run", "run_id"), ("model", "model_id")):
            if exchange.path.endswith(("runs/create", "logged-models")) and noun in exchange.answer:
                info = ours[noun]["info"]
                self.ids[exchange.answer[noun]["info"][key]] = info[key]
                self.upload(info["artifact_uri"])


def shape(value: Any) -> Any:
    """Return the structure of an answer: names and kinds of values."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items() if name not in OURS_ALONE}
    if isinstance(value, list):
        return [shape(one) for one in value]
    return type(value).__name__


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, Any]]:
    """Answers by name, each with what MLflow's server said under our ids."""
    found = {}
    with RunningServer(tmp_path_factory.mktemp("replay")) as server:
        replay = Replay(server)
        for exchange in BY_HAND:
            answer = replay.send(exchange)
            found[exchange.name] = (answer, replay.own(exchange.answer))
    return found


@pytest.mark.parametrize("exchange", BY_HAND, ids=lambda exchange: exchange.name)
def test_our_server_answers_as_mlflows(
    exchange: Exchange, replayed: dict[str, tuple[Answer, Any]]
) -> None:
    answer, theirs = replayed[exchange.name]
    assert answer.status < 500
    if exchange.name in STATUS:
        assert answer.status != exchange.status
        return
    assert answer.status == exchange.status, answer
    # A listed difference that is none any more must leave its list.
    if answer.status != 200:
        assert answer.json["error_code"] == theirs["error_code"]
        said = answer.json["message"], theirs["message"]
        assert (said[0] == said[1]) is (exchange.name not in MESSAGE), said
    else:
        shapes = shape(answer.json), shape(theirs or {})
        assert (shapes[0] == shapes[1]) is (exchange.name not in SHAPE), shapes
