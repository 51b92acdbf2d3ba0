"""Where requests that no client sends are answered otherwise than by MLflow's server, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_JSON = (
    "a body that is no JSON object is said to be that; MLflow takes it for an empty one, or crashes"
)
WRONG_KIND = "a value of the wrong kind is refused; MLflow drops it and goes on, or crashes"
START = "a run without a start starts now, not in 1970"
BEGINNING = "a run does not start before 1970"
DEFAULT = "a run without an experiment is one of the default experiment"
CRASH = "MLflow answers 500, which its client repeats"
HALF_READ = "what MLflow wrote of bodies that it read by half"
INFINITE = "infinite stays infinite"
THINNED = "the last point of a stretch stands for it, where MLflow takes the first"
NOTHING = "null says nothing, as in protobuf's JSON"
AGAIN = "the same field twice counts once"
LARGER = "the grammar is larger here"
QUOTED = "the kind of a field is not quoted"
ZERO = "a page of nothing is a mistake everywhere"
PAGE = "MLflow's web framework answers these by itself"
GATEWAY = "there is no gateway for language models"
MISSING = "a parameter that is missing is said to be missing"
PATHS = "paths with empty parts, NUL or backslashes are refused: not all clients read them alike"
FOLDER = "a folder is no file: 404, as for any file that is not there"
EMPTY = "an empty file is a file"
LINKS = "inputs and outputs need names; MLflow writes empty ones"
TAGS = "tags that come later are added to a data set's link"
SQL_TEXT = "MLflow answers with the text of a database error"
WHERE = "the working directories of the two servers"
PLACES = "files are kept only where they can be reached again"

BY_HAND_DIFFERENCES: Mapping[str, Mapping[str, str]] = {
    "raw": {
        "create of body '[]'": NOT_JSON,
        "create of body 'null'": NOT_JSON,
        "create of body '\"x\"'": NOT_JSON,
        "create of body '1'": NOT_JSON,
        "create of body '{'": NOT_JSON,
        "create of body '{\"name\": }'": NOT_JSON,
        'create of body \'{"name":"a"}x\'': NOT_JSON,
        "run with tags 1": WRONG_KIND,
        "run with tags 'x'": WRONG_KIND,
        "run with tags [1]": WRONG_KIND,
        "run with tags [{'key': 1}]": WRONG_KIND,
        "run with tags [{'value': 'v'}]": WRONG_KIND,
        "run with tags {'k': 'v'}": WRONG_KIND,
        "run started at 7.5": WRONG_KIND,
        "run started at '1e3'": WRONG_KIND,
        "run started at -1": BEGINNING,
        "run started at 9223372036854775808": WRONG_KIND,
        "run started at True": WRONG_KIND,
        "run started at [7]": WRONG_KIND,
        "status 'finished'": WRONG_KIND,
        "status '3'": WRONG_KIND,
        "status ''": WRONG_KIND,
        "unknown fields": START,
        "twice a field": START,
        "no experiment": DEFAULT,
        "experiment of a long id": CRASH,
        "value [1]": WRONG_KIND,
        "value {}": WRONG_KIND,
        "raw value 01": NOT_JSON,
        "raw value +1": NOT_JSON,
        "raw value .5": NOT_JSON,
        "raw value 1.": NOT_JSON,
        "timestamp 7.5": WRONG_KIND,
        "timestamp 9223372036854775808": WRONG_KIND,
        "step 7.5": WRONG_KIND,
        "step 9223372036854775808": WRONG_KIND,
        "what is there": INFINITE,
        "history {}": INFINITE,
        "history {'max_results': 2}": INFINITE,
        "history {'max_results': 'x'}": WRONG_KIND,
        "history {'max_results': 25001}": INFINITE,
        "history {'page_token': ''}": INFINITE,
        "history by the old id": HALF_READ,
        "interval {'max_results': 5}": THINNED,
        "interval {'start_step': -5, 'end_step': 100, 'max_results': 4}": THINNED,
        "bulk {'max_results': 'x'}": WRONG_KIND,
        "batch of nulls": NOTHING,
        "batch of a text for a metric": WRONG_KIND,
        "batch of a param of a number": WRONG_KIND,
        "after batches": WRONG_KIND,
    },
    "raw_searches": {
        "runs of {'max_results': 1.5}": WRONG_KIND,
        "runs of {'max_results': None}": NOTHING,
        "runs of {'run_view_type': 'NOPE'}": WRONG_KIND,
        "runs of {'run_view_type': 9}": WRONG_KIND,
        "runs of {'order_by': ['metrics.m', 'metrics.m']}": AGAIN,
        "runs of {'order_by': ['metrics.m DESC', 'metrics.m ASC']}": AGAIN,
        "runs of {'order_by': ['start_time', 'start_time']}": AGAIN,
        "runs of {'order_by': ['`metrics`.m']}": QUOTED,
        "runs of {'order_by': ['`Start Time` DESC']}": LARGER,
        "runs of {'experiment_ids': [S]}": WRONG_KIND,
        "experiments of {'view_type': 'NOPE'}": WRONG_KIND,
        "experiments of {'order_by': ['tags.x']}": LARGER,
        "models of {'max_results': 0}": ZERO,
        "models of {'order_by': ['name', 'name']}": AGAIN,
        "versions of {'order_by': ['name', 'name']}": AGAIN,
        "versions of {'order_by': 'timestamp'}": LARGER,
    },
    "raw_files": {
        "OPTIONS runs/create": PAGE,
        "GET /api/2.0/mlflow//runs/get": PAGE,
        "server-info": GATEWAY,
        "get-artifact of path=a.txt": MISSING,
        "get-artifact of run_id=RUN&path=deep": FOLDER,
        "get-artifact of run_id=RUN&path=a.txt%00": PATHS,
        "get of /etc/passwd": PATHS,
        "put of /etc/passwd": PATHS,
        "delete of /etc/passwd": PATHS,
        "get of a%00b": PATHS,
        "put of a%00b": PATHS,
        "delete of a%00b": PATHS,
        "get of %5c..%5cx": PATHS,
        "put of %5c..%5cx": PATHS,
        "delete of %5c..%5cx": PATHS,
        "get of C:%5cx": PATHS,
        "put of C:%5cx": PATHS,
        "delete of C:%5cx": PATHS,
        "listed after": PATHS,
        "upload of nothing": EMPTY,
    },
    "raw_links": {
        "inputs of no name": LINKS,
        "inputs of no digest": LINKS,
        "inputs of no data set": LINKS,
        "inputs of empty name": LINKS,
        "inputs of a model without id": LINKS,
        "outputs of no step": SQL_TEXT,
        "outputs of no id": LINKS,
        "what it read": TAGS,
        "data sets of ['R']": LINKS,
        "log-model []": WRONG_KIND,
        "experiments/update {'new_name': 'parity-gone-2'} of a deleted one": CRASH,
        "located at 'relative/path'": WHERE,
        "located at 'file:///a/../b'": PLACES,
        "located at 'x?y=1'": WHERE,
        "located at 'nonsense:y'": PLACES,
    },
}


def same_refusal(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Tell whether two answers are the same, or refusals of one status and code.

    Where MLflow refuses with a page of HTML, it says no code, and the status alone counts.
    """
    code, other = ours.get("error_code"), theirs.get("error_code")
    if code is None or other is None:
        return ours == theirs
    return bool(code == other or (other.endswith(" None") and code.split()[0] == other.split()[0]))
