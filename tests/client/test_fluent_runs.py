"""Runs of a script: started, nested, resumed, ended; logged to, read back and searched."""

from __future__ import annotations

import math
import threading
import uuid
import warnings
from pathlib import Path

import pytest

import mainstay
from mainstay.errors import BadInput, InvalidState, NotFound
from mainstay.spool.reports import SpoolWarning

pytestmark = pytest.mark.usefixtures("face")


def unique(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:8]}"


def test_a_with_block_ends_its_run_and_everything_is_there() -> None:
    mainstay.set_experiment(unique("plain"))
    with mainstay.start_run(run_name="first", tags={"team": "a"}, description="a try") as run:
        mainstay.log_metric("loss", 0.5)
        mainstay.log_metrics({"loss": 0.25, "auc": 0.9}, step=1)
        assert mainstay.log_param("lr", 0.1) == 0.1
        mainstay.log_params({"depth": 3, "kind": "tree"})
        mainstay.set_tag("note", "x")
        mainstay.set_tags({"a": 1, "b": 2})
        mainstay.delete_tag("b")
        assert mainstay.active_run() is run
    assert mainstay.active_run() is None
    found = mainstay.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.info.end_time is not None
    assert found.info.end_time >= found.info.start_time
    assert found.info.run_name == "first"
    assert found.data.metrics == {"loss": 0.25, "auc": 0.9}
    assert found.data.params == {"lr": "0.1", "depth": "3", "kind": "tree"}
    tags = found.data.tags
    assert (tags["team"], tags["note"], tags["a"]) == ("a", "x", "1")
    assert "b" not in tags
    assert tags["mlflow.note.content"] == "a try"
    assert tags["mlflow.runName"] == "first"


def test_a_run_knows_who_ran_what_without_being_told() -> None:
    with mainstay.start_run() as run:
        pass
    found = mainstay.get_run(run.info.run_id)
    tags = found.data.tags
    assert tags["mlflow.user"] == tags["owner"] == found.info.user_id
    assert tags["mlflow.source.type"] == "LOCAL"
    assert tags["mlflow.source.name"]
    assert tags["candidate"] == "false"
    assert tags["mainstay.host"]
    text = mainstay.artifacts.load_text(f"runs:/{run.info.run_id}/environment/requirements.txt")
    assert text.startswith("# python 3.")
    assert "\nmsgspec==" in text


def test_a_candidate_and_an_owner_are_said_by_one_argument_and_one_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAINSTAY_OWNER", "risk team")
    monkeypatch.setenv("CI_PIPELINE_ID", "77")
    with mainstay.start_run(candidate=True) as run:
        pass
    tags = mainstay.get_run(run.info.run_id).data.tags
    assert (tags["candidate"], tags["owner"]) == ("true", "risk team")
    assert tags["pipeline_id"] == "gitlab:77"


def test_an_exception_in_the_block_fails_the_run() -> None:
    def fail() -> None:
        with mainstay.start_run():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    last = mainstay.last_active_run()
    assert last is not None
    assert last.info.status == "FAILED"


def test_a_log_call_without_a_run_starts_one() -> None:
    mainstay.log_metric("loss", 1.0)
    run = mainstay.active_run()
    assert run is not None
    mainstay.end_run("KILLED")
    found = mainstay.get_run(run.info.run_id)
    assert (found.info.status, found.data.metrics) == ("KILLED", {"loss": 1.0})


def test_a_second_run_needs_to_be_nested() -> None:
    with mainstay.start_run() as parent:
        with pytest.raises(InvalidState, match="nested=True"):
            mainstay.start_run()
        with mainstay.start_run(nested=True) as child:
            assert mainstay.active_run() is child
        assert mainstay.active_run() is parent
    found = mainstay.get_run(child.info.run_id)
    assert found.data.tags["mlflow.parentRunId"] == parent.info.run_id
    above = mainstay.get_parent_run(child.info.run_id)
    assert above is not None
    assert above.info.run_id == parent.info.run_id


def test_a_run_is_resumed_by_id() -> None:
    with mainstay.start_run() as run:
        mainstay.log_metric("loss", 1.0, step=0)
    with mainstay.start_run(run_id=run.info.run_id) as again:
        assert again.info.run_id == run.info.run_id
        assert mainstay.get_run(run.info.run_id).info.status == "RUNNING"
        mainstay.log_metric("loss", 0.5, step=1)
    found = mainstay.get_run(run.info.run_id)
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"loss": 0.5})


def test_a_child_process_resumes_the_run_of_its_variable_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mainstay.start_run() as run:
        pass
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    with mainstay.start_run() as resumed:
        assert resumed.info.run_id == run.info.run_id
    with mainstay.start_run() as other:
        assert other.info.run_id != run.info.run_id


def test_resuming_what_is_not_there_says_so() -> None:
    with pytest.raises(NotFound):
        mainstay.start_run(run_id="0" * 32)
    assert mainstay.active_run() is None


def test_threads_have_runs_of_their_own() -> None:
    seen: dict[str, object] = {}

    def other() -> None:
        seen["before"] = mainstay.active_run()
        with mainstay.start_run() as run:
            seen["run"] = run.info.run_id

    with mainstay.start_run() as run:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert mainstay.active_run() is run
    assert seen["before"] is None
    assert seen["run"] != run.info.run_id


def test_nan_and_infinities_come_back_as_they_were() -> None:
    with mainstay.start_run() as run:
        mainstay.log_metrics({"nan": math.nan, "up": math.inf, "down": -math.inf})
    metrics = mainstay.get_run(run.info.run_id).data.metrics
    assert math.isnan(metrics["nan"])
    assert (metrics["up"], metrics["down"]) == (math.inf, -math.inf)


def test_a_metric_that_is_no_number_is_refused_at_the_calling_line() -> None:
    with mainstay.start_run(), pytest.raises(BadInput, match="'loss' has the value 'high'"):
        mainstay.log_metric("loss", "high")  # type: ignore[arg-type]


def test_numpy_scalars_are_numbers() -> None:
    import numpy as np

    with mainstay.start_run() as run:
        mainstay.log_metric("a", np.float32(0.5), step=np.int64(3))
        mainstay.log_metric("b", np.array(2))
    assert mainstay.get_run(run.info.run_id).data.metrics == {"a": 0.5, "b": 2.0}


def test_a_parameter_that_changes_is_said_and_the_training_goes_on() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with mainstay.start_run() as run:
            mainstay.log_param("lr", 1)
            mainstay.log_param("lr", 2)
            mainstay.log_metric("loss", 1.0)
    messages = [str(one.message) for one in caught if issubclass(one.category, SpoolWarning)]
    assert any("Changing param values is not allowed" in message for message in messages)
    assert any("were refused" in message for message in messages)
    found = mainstay.get_run(run.info.run_id)
    assert (found.data.params, found.data.metrics) == ({"lr": "1"}, {"loss": 1.0})


def test_many_parameters_and_metrics_at_once_are_split_for_the_server() -> None:
    with mainstay.start_run() as run:
        mainstay.log_params({f"p{number}": number for number in range(250)})
        mainstay.log_metrics({f"m{number}": number for number in range(1200)})
    found = mainstay.get_run(run.info.run_id)
    assert len(found.data.params) == 250
    assert len(found.data.metrics) == 1200


def test_synchronous_returns_when_the_server_has_it(face: str) -> None:
    with mainstay.start_run() as run:
        mainstay.log_metric("loss", 1.0, synchronous=True)
        other = mainstay.Client(face)
        assert other.get_run(run.info.run_id).data.metrics == {"loss": 1.0}
    assert mainstay.flush()


def test_search_gives_a_frame_or_a_list() -> None:
    mainstay.set_experiment(unique("search"))
    for number in range(3):
        with mainstay.start_run():
            mainstay.log_metric("auc", number / 10)
            mainstay.log_param("n", number)
    frame = mainstay.search_runs(filter_string="metrics.auc > 0.05")
    assert sorted(frame["params.n"]) == ["1", "2"]
    assert str(frame["start_time"].dt.tz) == "UTC"
    listed = mainstay.search_runs(order_by=["metrics.auc DESC"], output_format="list")
    assert [run.data.params["n"] for run in listed] == ["2", "1", "0"]
    assert len(mainstay.search_runs(max_results=2)) == 2
    with pytest.raises(BadInput):
        mainstay.search_runs(filter_string="metrics.auc >")


def test_a_deleted_run_is_found_only_among_the_deleted() -> None:
    mainstay.set_experiment(unique("deleted"))
    with mainstay.start_run() as run:
        pass
    mainstay.delete_run(run.info.run_id)
    assert len(mainstay.search_runs()) == 0
    assert len(mainstay.search_runs(run_view_type=2)) == 1
    with pytest.raises(InvalidState):
        mainstay.start_run(run_id=run.info.run_id)
    mainstay.restore_run(run.info.run_id)
    assert len(mainstay.search_runs()) == 1


def test_experiments_are_made_found_tagged_deleted_and_restored() -> None:
    name = unique("experiment")
    made = mainstay.create_experiment(name, tags={"a": "1"})
    found = mainstay.get_experiment_by_name(name)
    assert found is not None
    assert (found.experiment_id, found.tags) == (made, {"a": "1"})
    assert mainstay.set_experiment(experiment_id=made).name == name
    mainstay.set_experiment_tag("b", 2)
    assert mainstay.get_experiment(made).tags == {"a": "1", "b": "2"}
    assert name in [one.name for one in mainstay.search_experiments()]
    mainstay.delete_experiment(made)
    with pytest.raises(InvalidState, match="restore"):
        mainstay.set_experiment(name)
    mainstay.restore_experiment(made)
    assert mainstay.set_experiment(name).experiment_id == made
    assert mainstay.get_experiment_by_name("no such experiment") is None


def test_files_text_dicts_and_tables_are_logged_and_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")
    with mainstay.start_run() as run:
        mainstay.log_artifact(tmp_path / "b.txt", "in")
        mainstay.log_artifacts(folder, "tree")
        mainstay.log_artifact(folder)
        mainstay.log_text("hello", "notes/hello.txt")
        mainstay.log_dict({"a": [1, 2]}, "config.json")
        mainstay.log_dict({"a": [1, 2]}, "config.yaml")
        mainstay.log_table({"x": [1, 2], "y": ["a", "b"]}, "table.json")
        mainstay.log_table({"x": [3], "z": [True]}, "table.json")
        mainstay.log_image([[0.0, 1.0], [0.5, 0.25]], "image.png")
        root = mainstay.get_artifact_uri("config.json")
    run_id = run.info.run_id
    assert root.endswith("/artifacts/config.json")
    listed = [one.path for one in mainstay.artifacts.list_artifacts(run_id=run_id)]
    assert {"in", "tree", "out", "notes", "config.json", "table.json", "image.png"} <= set(listed)
    at = f"runs:/{run_id}"
    assert mainstay.artifacts.load_text(f"{at}/tree/deep/a.txt") == "a"
    assert mainstay.artifacts.load_text(f"{at}/out/deep/a.txt") == "a"
    assert mainstay.artifacts.load_text(f"{at}/in/b.txt") == "b"
    assert mainstay.artifacts.load_dict(f"{at}/config.json") == {"a": [1, 2]}
    assert mainstay.artifacts.load_dict(f"{at}/config.yaml") == {"a": [1, 2]}
    assert mainstay.artifacts.load_text(root) == mainstay.artifacts.load_text(f"{at}/config.json")
    frame = mainstay.load_table("table.json", [run_id], extra_columns=["run_id"])
    assert frame["x"].tolist() == [1, 2, 3]
    assert set(frame["run_id"]) == {run_id}
    got = mainstay.artifacts.download_artifacts(f"{at}/tree", dst_path=tmp_path / "got")
    assert (Path(got) / "deep" / "a.txt").read_text() == "a"
    with pytest.raises(NotFound):
        mainstay.log_artifact(tmp_path / "missing", run_id=run_id)
    with pytest.raises(NotFound):
        mainstay.artifacts.load_text(f"{at}/missing.txt")


def test_a_data_set_is_recorded_with_its_digest_and_names_the_data_version() -> None:
    import pandas as pd

    frame = pd.DataFrame({"x": [1.0, 2.0], "y": ["a", None]})
    dataset = mainstay.data.from_pandas(frame, source="data.csv", name="tiny")
    with mainstay.start_run() as run:
        mainstay.log_input(dataset, context="training")
    found = mainstay.get_run(run.info.run_id)
    logged = found.inputs.dataset_inputs[0]
    assert (logged.dataset.name, logged.dataset.digest) == ("tiny", dataset.digest)
    assert logged.tags["mlflow.data.context"] == "training"
    assert found.data.tags["data_version"] == f"tiny@{dataset.digest}"
    assert '"required": false' in (logged.dataset.schema or "")


def test_a_figure_is_logged_in_the_format_of_its_name() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([1, 2])
    with mainstay.start_run() as run:
        mainstay.log_figure(figure, "plots/line.png")
        mainstay.log_figure(figure, "plots/line.svg")
        with pytest.raises(BadInput, match="not a figure"):
            mainstay.log_figure("text", "plots/wrong.png")
    pyplot.close(figure)
    folder = mainstay.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="plots")
    assert (Path(folder) / "line.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (Path(folder) / "line.svg").read_bytes()


def test_a_logged_model_is_registered_after_its_files_have_arrived(tmp_path: Path) -> None:
    from mainstay.fluent import models

    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}\n")
    name = unique("model").replace(" ", "-")
    with mainstay.start_run() as run:
        made = mainstay.initialize_logged_model("m", params={"a": 1})
        models.log_model_artifacts(tmp_path / "model", made.model_id)
        mainstay.finalize_logged_model(made.model_id)
        version = mainstay.register_model(f"runs:/{run.info.run_id}/m", name, tags={"k": "v"})
    assert (version.name, version.version) == (name, 1)
    assert (version.run_id, version.tags) == (run.info.run_id, {"k": "v"})
    again = models.register_logged_model(made.model_id, name)
    assert again is not None
    assert again.version == 2
    assert mainstay.get_logged_model(made.model_id).status == "READY"
    assert mainstay.get_run(run.info.run_id).outputs.model_outputs[0].model_id == made.model_id
    mainstay.set_model_version_tag(name, 1, "tested", "yes")
    found = mainstay.search_model_versions(filter_string=f"name = '{name}'")
    assert {one.version: one.tags.get("tested") for one in found} == {1: "yes", 2: None}
    assert name in [model.name for model in mainstay.search_registered_models()]


def test_a_table_of_a_resumed_run_goes_on_where_it_was() -> None:
    with mainstay.start_run() as run:
        mainstay.log_table({"x": [1]}, "t.json")
        mainstay.log_table({"x": [2]}, "t.json")
    with mainstay.start_run(run_id=run.info.run_id):
        mainstay.log_table({"x": [3]}, "t.json")
    mainstay.log_table({"x": [4]}, "t.json", run_id=run.info.run_id)
    assert mainstay.load_table("t.json", [run.info.run_id])["x"].tolist() == [1, 2, 3, 4]


def test_logging_offline_never_raises_and_never_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_OFFLINE", "1")
    mainstay.set_tracking_uri(f"sqlite:///{tmp_path}/never-made.db")
    experiment = mainstay.set_experiment("offline")
    assert (experiment.experiment_id, experiment.name) == ("", "offline")
    with mainstay.start_run() as run:
        mainstay.log_metric("loss", 1.0)
        mainstay.log_table({"x": [1]}, "t.json")
        mainstay.log_table({"x": [2]}, "t.json")
        mainstay.log_text("kept", "a.txt")
        with pytest.raises(mainstay.MainstayError, match="MAINSTAY_OFFLINE"):
            mainstay.get_run(run.info.run_id)
    assert not (tmp_path / "never-made.db").exists()
