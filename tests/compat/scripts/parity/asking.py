"""Asks by hand, for what no client would send by itself. Ids are blotted out of answers."""

import http.client
import json
import re
from urllib.parse import urlencode, urlsplit

from recording import PREFIX, URL, experiment

PLACE = urlsplit(URL)
BASE = "/api/2.0/mlflow"
LEFT_OUT = {"outputs", "file_size"}
_ID = re.compile(r"\b[0-9a-f]{32}\b")


class Refusal(Exception):
    """An answer that is no 2xx: ``error_code`` has the status and the code."""

    def __init__(self, status, content):
        try:
            said = json.loads(content)
        except ValueError:
            said = {}
        said = said if isinstance(said, dict) else {}
        self.error_code = f"{status} {said.get('error_code')}"
        super().__init__(str(said.get("message", content[:80])))


def send(method, path, body=None, headers=None):
    """Return status, headers and content; the body is sent exactly as it is given."""
    connection = http.client.HTTPConnection(PLACE.hostname, PLACE.port, timeout=120)
    try:
        content = body.encode() if isinstance(body, str) else body
        given = {"Content-Type": "application/json"} if content is not None else {}
        connection.request(method, path, content, {**given, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def asked(method, path, body=None, **query):
    """Return the JSON of an answer as it is, or raise its refusal."""
    target = (path if path.startswith("/") else f"{BASE}/{path}") + (
        "?" + urlencode(query, doseq=True) if query else ""
    )
    if not (body is None or isinstance(body, (str, bytes))):
        body = json.dumps(body)
    status, _, content = send(method, target, body)
    if status >= 300:
        raise Refusal(status, _ID.sub("<id>", content.decode(errors="replace")))
    return json.loads(content or b"{}", parse_constant=lambda name: f"bare {name}")


def ask(method, path, body=None, **query):
    """Return the JSON of an answer, with ids blotted out and lists of keys in order."""
    return _tidy(asked(method, path, body, **query))


def post(path, body):
    """Return the tidied answer to a body."""
    return ask("POST", path, body)


def new_experiment(name, letter, location=""):
    """Return the id of a new experiment; it is called by this letter in what is printed."""
    body = {"name": f"{PREFIX}-{name}", "artifact_location": location}
    return experiment(asked("POST", "experiments/create", body)["experiment_id"], letter)


def new_run(experiment_id, **fields):
    """Return the id of a new run."""
    body = {"experiment_id": experiment_id, "start_time": 1, **fields}
    return asked("POST", "runs/create", body)["run"]["info"]["run_id"]


def _tidy(value):
    if isinstance(value, dict):
        # A workspace is "default" there and left out here; nothing and 0 may be left out, as in
        # every message of protobuf.
        kept = {name: one for name, one in value.items() if name not in LEFT_OUT or one}
        return {name: _tidy(one) for name, one in kept.items() if name != "workspace"}
    if isinstance(value, list):
        found = [_tidy(one) for one in value]
        keyed = all(isinstance(one, dict) and "key" in one and "step" not in one for one in found)
        return sorted(found, key=lambda one: one["key"]) if keyed else found
    return _ID.sub("<id>", value) if isinstance(value, str) else value
