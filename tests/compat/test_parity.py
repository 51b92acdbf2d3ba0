"""The same scripts of the stock client say the same of the stock server and of ours.

Every difference is listed with its reason; a listed one that is none any more fails. The page
docs/compatibility.md tells users of them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.compat.differences import DIFFERENCES, WORDS, same_words
from tests.compat.differences_by_hand import BY_HAND_DIFFERENCES, same_refusal
from tests.support.parts import MLFLOW_PYTHON
from tests.support.server import RunningServer

SCRIPTS = Path(__file__).parent / "scripts" / "parity"
NAMES = ("tracking", "searching", "registry", "logged_models", "fluent", "commands")
BY_HAND = ("raw", "raw_searches", "raw_files", "raw_links")
SECONDS = 800
ANSWERED = re.compile(r'^mainstay_requests_total\{.*status="(\d+)"\}', re.MULTILINE)
CLIENT_REPEATS = ("408", "429", "500", "502", "503", "504")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RunningServer(tmp_path_factory.mktemp("ours")) as running:
        yield running.url
        assert "Traceback" not in running.log
        answers = ANSWERED.findall(running.request("GET", "/metrics").body.decode())
        assert "200" in answers
        repeated = {status for status in answers if status in CLIENT_REPEATS}
        assert not repeated, "a user's mistake was repeated by the client"


def steps(script: str, url: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Run a script against a server and return what each of its steps came to."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")},
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "GIT_PYTHON_REFRESH": "quiet",
        "MPLBACKEND": "Agg",
    }
    folder.mkdir()
    done = subprocess.run(
        [str(MLFLOW_PYTHON), str(SCRIPTS / f"{script}.py"), url, "zebra"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"')]
    found = {line.pop("step").replace("zebra", "parity"): line for line in lines}
    assert len(found) == len(lines), "two steps have one name"
    return found


@pytest.mark.timeout(2 * SECONDS + 60)
@pytest.mark.parametrize("script", NAMES)
def test_a_script_says_the_same_of_both_servers(
    script: str, stock_server: str, ours: str, tmp_path: Path
) -> None:
    theirs = steps(script, stock_server, tmp_path / "theirs")
    found = steps(script, ours, tmp_path / "ours")
    assert list(found) == list(theirs)
    different, worded = set(), set()
    for step, said in found.items():
        if said == theirs[step]:
            continue
        if same_words(said, theirs[step]):
            worded.add(step)
        else:
            different.add(step)
    assert different == set(DIFFERENCES.get(script, {})), {
        step: (found.get(step), theirs.get(step))
        for step in different ^ set(DIFFERENCES.get(script, {}))
    }
    plain = {
        step for step in worded if not step.startswith(("where ", "by ")) and " by " not in step
    }
    unlisted = {
        step
        for step in plain
        if "Invalid filter" not in found[step]["message"] and step not in WORDS.get(script, ())
    }
    assert not unlisted, {step: (found[step], theirs[step]) for step in unlisted}


@pytest.mark.timeout(2 * SECONDS + 60)
@pytest.mark.parametrize("script", BY_HAND)
def test_what_is_asked_by_hand_is_answered_the_same(
    script: str, stock_server: str, ours: str, tmp_path: Path
) -> None:
    """Statuses, codes and results; the words of refusals are only for people here."""
    theirs = steps(script, stock_server, tmp_path / "theirs")
    found = steps(script, ours, tmp_path / "ours")
    assert list(found) == list(theirs)
    different = {step for step, said in found.items() if not same_refusal(said, theirs[step])}
    assert different == set(BY_HAND_DIFFERENCES[script]), {
        step: (found.get(step), theirs.get(step))
        for step in different ^ set(BY_HAND_DIFFERENCES[script])
    }
