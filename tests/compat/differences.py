"""Where our server says something else than MLflow's to the same client, and why.

DIFFERENCES are other results, statuses or error codes; WORDS only other messages. Refusals of
filters and orders all have our words, which say where in the text the mistake is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LARGER = "the grammar is larger here: OR, NOT, parentheses, IN everywhere, IS NULL on metrics"
SQL_TEXT = "MLflow answers with the text of a database error"
CRASH = "MLflow answers 500, which its client repeats"
LOST = "MLflow finds nothing where there is something"
LENIENT = "MLflow guesses what a malformed filter means; it is refused here"
ALIASES = "the newest versions that a search brings say their aliases"
SOURCE = "a version may be registered without naming its run; its files are frozen by digest"

DIFFERENCES: Mapping[str, Mapping[str, str]] = {
    "tracking": {
        "rename to a taken name": SQL_TEXT,
        "experiments where \"attributes.name = 'parity-a'\"": "3.18 takes the plural too",
        "history of no run": "a run that does not exist is not found, rather than without points",
    },
    "searching": {
        "where 'metrics.odd >= +2.5'": LARGER,
        "where 'metrics.loss IS NULL'": LARGER,
        "where \"Run_name = 'Run_1'\"": LARGER,
        "where 'duration > 5'": LARGER,
        "where \"run_name IN ('Run_1', 'Run_2')\"": LARGER,
        "where \"tags.even IN ('True')\"": LARGER,
        "where \"params.depth IN ('1', '2')\"": LARGER,
        "where \"metrics.loss < 0.6 OR params.depth = '0'\"": LARGER,
        "where \"NOT params.depth = '0'\"": LARGER,
        "where \"(params.depth = '0')\"": LARGER,
        "where \"params.depth = '0' params.depth = '1'\"": LENIENT,
        "where \"params. = '0'\"": LENIENT,
        "by ['duration']": LARGER,
    },
    "registry": {
        "create 'xxxx'": "names have at most 256 characters on every database",
        "of no run": SOURCE,
        "of an unknown run": SOURCE,
        "archive None": CRASH,
        "models where tags.a IS NULL": CRASH,
        "models where name = 'parity-forest' OR name = 'parity-garden'": LARGER,
        "a page of models": ALIASES,
        "the next": ALIASES,
        "at most 0 models": "a page of nothing is a mistake everywhere",
        "at most -1 models": "a page of nothing is a mistake everywhere",
    },
    "logged_models": {
        "param changed": SQL_TEXT,
        "metric of an unknown model": SQL_TEXT,
        "where status = 'READY'": LOST,
        "where attributes.status = 'PENDING'": LOST,
        "where nope = 'x'": CRASH,
        "where metrics.auc > 'x'": CRASH,
        "where metric.auc > 0.8": LARGER,
        "where name = 'net' OR name = 'second'": LARGER,
        "of a data set": "a data set named without a digest means any digest",
    },
}

WORDS: Mapping[str, tuple[str, ...]] = {
    "tracking": ("experiment taken", "name of a deleted one", "restore again"),
    "searching": ("at most 50001", "bad token"),
    "registry": (
        "from a file address",
        "at most 1001 models",
        "at most 0 versions",
        "at most -1 versions",
        "at most 200001 versions",
        "rename to a taken name",
    ),
    "logged_models": ("a token of another search",),
    "fluent": ("list upwards",),
}


def same_words(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Tell whether two answers are the same refusal in other words."""
    code = ours.get("error_code")
    return code is not None and code == theirs.get("error_code")
