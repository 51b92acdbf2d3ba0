"""``mainstay models`` as a registry: delete and restore, copy, diff, lineage, card, sign, lock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

import mainstay
from mainstay.cli.main import main
from mainstay.environments import uv
from mainstay.packaging import environment_files, manifest

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]})
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A database with two versions of ``churn``, and a saved model."""
    folder = tmp_path_factory.mktemp("registry")
    patch = pytest.MonkeyPatch()
    patch.setenv("MAINSTAY_SPOOL_DIR", str(folder / "spool"))
    patch.setenv("MAINSTAY_CACHE_DIR", str(folder / "cache"))
    patch.setenv("MAINSTAY_TRACKING_URI", f"sqlite:///{folder}/m.db")
    patch.chdir(folder)
    for number, model in enumerate((LogisticRegression(), KNeighborsClassifier(1))):
        with mainstay.start_run():
            mainstay.log_input(mainstay.data.from_pandas(FRAME * number, name="rows"))
            mainstay.log_param("number", number)
            mainstay.sklearn.log_model(
                model.fit(FRAME, [0, 0, 1, 1]),
                name="model",
                input_example=FRAME,
                registered_model_name="churn",
            )
    model = LogisticRegression().fit(FRAME, [0, 0, 1, 1])
    requirements = ["numpy==2.2.0"]
    mainstay.sklearn.save_model(
        model, folder / "saved", input_example=FRAME, pip_requirements=requirements
    )
    yield folder
    patch.undo()


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return its exit code and all that it printed."""

    def call(*arguments: str) -> tuple[int, str]:
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


def parsed(answer: tuple[int, str]) -> dict[str, Any]:
    code, text = answer
    assert code == 0, text
    found: dict[str, Any] = json.loads(text)
    return found


def test_what_is_deleted_is_listed_and_comes_back(run: Run) -> None:
    assert run("models", "copy", "models:/churn/1", "spare")[0] == 0
    assert run("models", "copy", "models:/churn/2", "spare")[0] == 0
    parsed(run("models", "delete", "spare", "-v", "1", "--yes", "--json"))
    code, text = run("models", "restore", "spare", "-v", "2")
    assert (code, "no deleted version 2" in text) == (1, True)
    assert run("models", "restore", "spare", "-v", "1") == (0, "spare version 1 is back\n")
    assert run("models", "delete", "spare", "--yes")[0] == 0
    (gone,) = parsed(run("models", "deleted", "spare", "--json"))["deleted"]
    assert gone["versions"] == [1, 2]
    back = parsed(run("models", "restore", "spare", "--as", "spare-2", "--json"))
    assert back["name"] == "spare-2"
    assert run("models", "restore", "spare-2", "-v", "1", "--as", "x")[0] == 2
    assert run("models", "deleted")[0] == 0
    assert run("models", "delete", "nowhere", "--yes")[0] == 1


def test_gc_deletes_versions_and_models_for_good(run: Run, place: Path) -> None:
    for source in ("models:/churn/1", "models:/churn/2"):
        assert run("models", "copy", source, "doomed")[0] == 0
    assert run("models", "delete", "doomed", "-v", "2", "--yes")[0] == 0
    plan = parsed(run("gc", "--older-than", "0s", "--json"))
    assert [(i["name"], i["version"]) for i in plan["registry"]] == [("doomed", 2)]
    assert "doomed v2 is gone" in run("gc", "--older-than", "0s", "--yes")[1]
    assert run("models", "restore", "doomed", "-v", "2")[0] == 1
    assert run("models", "copy", "models:/churn/1", "doomed", "--json")[0] == 0
    numbers = [
        v["version"]
        for v in parsed(run("models", "versions", "doomed", "--json"))["model_versions"]
    ]
    assert numbers == [3, 1]
    assert run("models", "delete", "doomed", "--yes")[0] == 0
    assert "model doomed is gone" in run("gc", "--older-than", "0s", "--yes")[1]
    assert run("models", "restore", "doomed")[0] == 1
    assert run("models", "predict", "-m", "models:/churn/1")[0] == 0


def test_versions_are_found_by_their_tags(run: Run) -> None:
    made = parsed(run("models", "tag", "set", "churn", "data", "2026-01", "-v", "2", "--json"))
    assert made == {"name": "churn", "version": "2", "key": "data", "value": "2026-01"}
    found = parsed(
        run("models", "versions", "churn", "--filter", "tags.data = '2026-01'", "--json")
    )
    assert [version["version"] for version in found["model_versions"]] == [2]
    assert run("models", "versions", "churn", "--filter", "nonsense =")[0] == 2


def test_two_versions_are_compared_in_words_and_in_json(run: Run) -> None:
    found = parsed(run("models", "diff", "churn", "1", "2", "--json"))
    assert found["params"] == [{"key": "number", "before": "0", "after": "1"}]
    assert found["compatible"] is True
    code, text = run("models", "diff", "churn", "1", "2")
    assert (code, "Whoever calls churn v1 can call churn v2." in text) == (0, True)
    assert "the files differ" in text
    assert run("models", "diff", "churn", "1", "9")[0] == 1


def test_lineage_goes_back_and_forward(run: Run) -> None:
    back = parsed(run("models", "lineage", "churn", "2", "--json"))
    assert back["run"]["data"][0]["name"] == "rows"
    forward = parsed(run("models", "lineage", "--dataset", "rows", "--json"))
    assert {v["uri"] for v in forward["versions"]} >= {"models:/churn/1", "models:/churn/2"}
    code, text = run("models", "lineage", "--dataset", "rows")
    assert (code, "models:/churn/2" in text) == (0, True)
    code, text = run("models", "lineage", "--commit", "abcdef12")
    assert (code, "built from the commit abcdef12" in text) == (0, True)
    code, text = run("models", "lineage", "churn", "1", "--openlineage")
    assert json.loads(text.splitlines()[0])["outputs"][0]["name"] == "models/churn/1"
    assert run("models", "lineage", "churn")[0] == 2
    assert run("models", "lineage", "churn", "1", "--commit", "abc")[0] == 2


def test_a_card_is_written_to_files_and_keeps_what_was_set(run: Run, place: Path) -> None:
    (place / "text.md").write_text("Only for\ntests.")
    code, text = run("models", "card", "churn", "1", "--set", "intended_use=@text.md")
    assert (code, "Only for\ntests." in text) == (0, True)
    assert run("models", "card", "churn", "1", "--format", "html", "-o", "card.html")[0] == 0
    assert "Only for<br>tests." in (place / "card.html").read_text()
    assert parsed(run("models", "card", "churn", "1", "--json"))["name"] == "churn"
    for wrong in ("colour=red", "contact", "contact=@nowhere.txt"):
        assert run("models", "card", "churn", "1", "--set", wrong)[0] == 2


def test_a_copy_to_another_database_names_its_origin(run: Run, place: Path) -> None:
    target = f"sqlite:///{place}/other.db"
    made = parsed(run("models", "copy", "models:/churn/2", "churn", "--to", target, "--json"))
    assert made["version"] == 1
    assert made["tags"]["mainstay.copied.uri"] == "models:/churn/2"
    code, text = run("models", "copy", "models:/churn/2", "churn", "--to", target)
    assert (code, "models:/churn/2 is copied: churn version 2" in text) == (0, True)
    code, text = run("models", "copy", "models:/churn/7", "churn", "--to", target)
    assert (code, "not found" in text) == (1, True)


def test_models_are_signed_and_signatures_verified(run: Run, place: Path) -> None:
    assert run("models", "new-key", "release")[0] == 0
    assert (place / "release.pem").stat().st_mode & 0o077 == 0
    assert run("models", "new-key", "release")[0] == 2
    made = parsed(
        run("models", "sign", "models:/churn/2", "--private-key", "release.pem", "--json")
    )
    seen = parsed(
        run(
            "models", "verify-signature", "models:/churn/2", "--public-key", "release.pub", "--json"
        )
    )
    assert seen["key"] == made["key"]
    code, text = run("models", "verify-signature", "models:/churn/1", "--public-key", "release.pub")
    assert (code, "not signed" in text) == (1, True)
    code, text = run("models", "sign", "saved", "--private-key", "release.pub")
    assert (code, "private key" in text) == (2, True)
    assert run("models", "sign", "saved", "--private-key", "release.pem")[0] == 0
    assert (place / "saved" / "model.sig").is_file()
    assert run("models", "verify-signature", "saved", "--public-key", ".")[0] == 0


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A program in uv's place, which answers as its index would or says that none is there."""
    program = tmp_path / "uv"
    program.write_text(
        "#!/bin/sh\n"
        f'if [ ! -f "{tmp_path}/up" ]; then echo "error sending request" >&2; exit 2; fi\n'
        "for last; do :; done\nwhile read -r line; do\n"
        'printf "%s \\\\\\\\\\n    --hash=sha256:%064d\\n" "$line" 7\ndone < "$last"\n'
    )
    program.chmod(0o700)
    monkeypatch.setattr(uv, "uv", lambda: str(program))
    return tmp_path / "up"


def test_a_lock_gets_its_hashes_once_an_index_answers(run: Run, place: Path, index: Path) -> None:
    code, text = run("models", "lock", "models:/churn/1")
    assert (code, "no package index answered" in text, "--hash" in text) == (0, True, False)
    code, text = run("models", "verify", "models:/churn/1")
    assert (code, "lock     not hashed" in text) == (0, True)
    index.touch()
    found = parsed(run("models", "verify", "models:/churn/1", "--json"))
    assert found["lock"] == "hashed now, kept in the registry"
    index.unlink()
    later = parsed(run("models", "lock", "models:/churn/1", "--json"))
    assert (later["hashed"], later["where"]) == (True, "the registry")
    assert all(f"--hash=sha256:{7:064d}" in line for line in later["lines"])


def test_the_lock_of_a_folder_is_completed_in_place(run: Run, place: Path, index: Path) -> None:
    index.touch()
    assert "--hash" not in run("models", "lock", "saved", "--offline")[1]
    assert "--hash" in run("models", "lock", "saved")[1]
    lines = environment_files.read(place / "saved").lock
    assert lines
    assert all("--hash" in line for line in lines)
    manifest.verify(place / "saved")


def test_a_recorded_lock_with_other_pins_is_not_believed(run: Run, index: Path) -> None:
    from mainstay.connect import connect
    from mainstay.entities.release import Evidence

    with connect() as stores:
        version = stores.registry.get_model_version("churn", 2)
        evil = Evidence(
            evidence_id="evil",
            name="churn",
            version=2,
            version_digest=version.digest,
            kind="lock",
            values={"lock": f"numpy==0.0.1 --hash=sha256:{1:064d}"},
        )
        stores.release.record_evidence([evil])
    found = parsed(run("models", "lock", "models:/churn/2", "--offline", "--json"))
    assert found["hashed"] is False
    assert "numpy==0.0.1" not in str(found["lines"])


def test_who_works_on_a_database_is_named_in_the_audit(run: Run) -> None:
    links = parsed(run("audit", "log", "--json"))["entries"]
    made = [link for link in links if link["action"] == "model_version.created"]
    assert made
    assert all(" (on " in link["principal"] for link in made)
