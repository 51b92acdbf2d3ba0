"""Run by the stock mlflow package: every call of the classic lifecycle, with its values."""

import math
import sys
import tempfile
import time
from pathlib import Path

import requests
from mlflow import MlflowClient, MlflowException
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    Metric,
    Param,
    RunTag,
    ViewType,
)

client = MlflowClient(sys.argv[1])


def failure(call, *arguments, **named):
    """Return the error that a call ends with, and see that it came at once."""
    begun = time.monotonic()
    try:
        call(*arguments, **named)
    except (MlflowException, requests.HTTPError) as error:
        found = error
    else:
        raise AssertionError(f"{call.__name__}{arguments} was not refused")
    assert time.monotonic() - begun < 20, "the client retried a user's mistake"
    return found


def refuses(code, call, *arguments, **named):
    """Assert that a call is refused with this error code."""
    found = failure(call, *arguments, **named)
    assert found.error_code == code, (found.error_code, str(found))
    return str(found)


def experiments():
    first = client.create_experiment("alpha", tags={"team": "risk"})
    second = client.create_experiment("beta")
    refuses("RESOURCE_ALREADY_EXISTS", client.create_experiment, "alpha")
    found = client.get_experiment(first)
    assert (found.name, found.lifecycle_stage, found.tags) == ("alpha", "active", {"team": "risk"})
    assert found.artifact_location == f"mlflow-artifacts:/{first}"
    assert client.get_experiment_by_name("beta").experiment_id == second
    assert client.get_experiment_by_name("nobody") is None
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "987654")
    client.set_experiment_tag(second, "stage", "draft")
    client.set_experiment_tag(second, "gone", "soon")
    client.delete_experiment_tag(second, "gone")
    client.rename_experiment(second, "gamma")
    again = client.get_experiment(second)
    assert (again.name, again.tags) == ("gamma", {"stage": "draft"})
    names = [item.name for item in client.search_experiments(filter_string="name LIKE '%a'")]
    assert names == ["gamma", "alpha"], names
    names = [item.name for item in client.search_experiments(filter_string="tags.team = 'risk'")]
    assert names == ["alpha"], names
    ordered = client.search_experiments(order_by=["name DESC"], max_results=2)
    assert [item.name for item in ordered] == ["gamma", "alpha"], ordered
    rest = client.search_experiments(
        order_by=["name DESC"], max_results=2, page_token=ordered.token
    )
    assert [item.name for item in rest] == ["Default"], rest
    client.delete_experiment(second)
    assert client.get_experiment(second).lifecycle_stage == "deleted"
    deleted = client.search_experiments(view_type=ViewType.DELETED_ONLY)
    assert [item.name for item in deleted] == ["gamma"]
    client.restore_experiment(second)
    assert client.get_experiment(second).lifecycle_stage == "active"
    return first


def runs(experiment):
    run = client.create_run(experiment, tags={"a": "1"}, run_name="one")
    run_id = run.info.run_id
    assert (run.info.status, run.info.run_name, run.data.tags["a"]) == ("RUNNING", "one", "1")
    client.log_param(run_id, "depth", 3)
    client.log_param(run_id, "depth", 3)
    message = refuses("INVALID_PARAMETER_VALUE", client.log_param, run_id, "depth", 4)
    assert "Changing param values is not allowed" in message, message
    client.log_metric(run_id, "loss", 0.5, timestamp=10, step=0)
    client.log_metric(run_id, "loss", 0.25, timestamp=20, step=1)
    client.log_metric(run_id, "loss", 0.25, timestamp=20, step=1)
    client.log_metric(run_id, "odd", math.nan, timestamp=1)
    client.log_batch(
        run_id,
        metrics=[Metric("acc", step / 10, 100 + step, step) for step in range(1000)],
        params=[Param("kind", "tree")],
        tags=[RunTag("b", "2")],
    )
    client.set_tag(run_id, "c", "3")
    client.delete_tag(run_id, "a")
    client.update_run(run_id, name="renamed")
    client.set_terminated(run_id, status="FINISHED", end_time=99)
    found = client.get_run(run_id)
    assert (found.info.status, found.info.end_time) == ("FINISHED", 99), found.info
    assert found.info.run_name == "renamed" == found.data.tags["mlflow.runName"]
    assert found.data.params == {"depth": "3", "kind": "tree"}, found.data.params
    assert found.data.metrics["loss"] == 0.25
    assert found.data.metrics["acc"] == 99.9
    assert math.isnan(found.data.metrics["odd"])
    assert (found.data.tags["b"], found.data.tags["c"]) == ("2", "3")
    assert "a" not in found.data.tags
    history = client.get_metric_history(run_id, "loss")
    assert [(m.value, m.timestamp, m.step) for m in history] == [(0.5, 10, 0), (0.25, 20, 1)]
    history = client.get_metric_history(run_id, "acc")
    assert len(history) == 1000
    assert history[999].value == 99.9
    assert client.get_metric_history(run_id, "never") == []
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)
    refuses("INVALID_PARAMETER_VALUE", client.log_metric, run_id, "a//b", 1.0)
    data = Dataset("rows", "d1gest", "local", "{}", schema="{}", profile="{}")
    client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "train")])])
    inputs = client.get_run(run_id).inputs.dataset_inputs
    assert [(i.dataset.name, i.dataset.digest, i.tags[0].value) for i in inputs] == [
        ("rows", "d1gest", "train")
    ]
    return run_id


def search(experiment, run_id):
    others = []
    for number in range(5):
        run = client.create_run(experiment, run_name=f"n{number}", start_time=1000 + number)
        client.log_metric(run.info.run_id, "score", number / 10)
        client.log_param(run.info.run_id, "n", number)
        others.append(run.info.run_id)
    by_score = client.search_runs(
        [experiment], "metrics.score >= 0.2", order_by=["metrics.score DESC"]
    )
    assert [run.info.run_id for run in by_score] == others[:1:-1]
    one = client.search_runs([experiment], "params.n = '3' AND attributes.run_name = 'n3'")
    assert [run.info.run_id for run in one] == [others[3]]
    assert [r.info.run_id for r in client.search_runs([experiment], "tags.b = '2'")] == [run_id]
    liked = client.search_runs([experiment], "attributes.run_name LIKE 'n%'", max_results=2)
    seen = list(liked)
    while liked.token:
        liked = client.search_runs(
            [experiment], "attributes.run_name LIKE 'n%'", max_results=2, page_token=liked.token
        )
        seen += liked
    assert [run.info.run_id for run in seen] == others[::-1]
    refuses("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], "metrics.score >>> 1")
    client.delete_run(others[0])
    refuses("INVALID_PARAMETER_VALUE", client.log_metric, others[0], "score", 1.0)
    gone = client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)
    assert [run.info.run_id for run in gone] == [others[0]]
    client.restore_run(others[0])
    assert client.get_run(others[0]).info.lifecycle_stage == "active"


def artifacts(run_id):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "deep").mkdir()
        (folder / "plain.txt").write_text("plain")
        (folder / "deep" / "ünï cödé +1.bin").write_bytes(bytes(range(256)) * 5000)
        client.log_artifact(run_id, str(folder / "plain.txt"))
        client.log_artifacts(run_id, str(folder), "tree")
        client.log_text(run_id, "text", "tree/text.txt")
        listed = client.list_artifacts(run_id)
        assert [(f.path, f.is_dir, f.file_size) for f in listed] == [
            ("plain.txt", False, 5),
            ("tree", True, None),
        ], listed
        below = client.list_artifacts(run_id, "tree")
        assert sorted(f.path for f in below) == ["tree/deep", "tree/plain.txt", "tree/text.txt"]
        assert client.list_artifacts(run_id, "nowhere") == []
        got = Path(client.download_artifacts(run_id, "tree", name))
        assert (got / "deep" / "ünï cödé +1.bin").read_bytes() == bytes(range(256)) * 5000
        one = Path(client.download_artifacts(run_id, "tree/text.txt", name))
        assert one.read_text() == "text"
        missing = str(failure(client.download_artifacts, run_id, "tree/none.txt", name))
        assert "none.txt" in missing, missing
        outside = str(failure(client.list_artifacts, run_id, "../.."))
        assert "Invalid path" in outside, outside


def registry(experiment):
    run = client.create_run(experiment)
    client.log_text(run.info.run_id, "weights", "model/data.txt")
    source = f"{run.info.artifact_uri}/model"
    model = client.create_registered_model("forest", tags={"owner": "ada"}, description="first")
    assert (model.name, model.tags, model.description) == ("forest", {"owner": "ada"}, "first")
    refuses("RESOURCE_ALREADY_EXISTS", client.create_registered_model, "forest")
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "nobody")
    one = client.create_model_version("forest", source, run.info.run_id, tags={"k": "v"})
    two = client.create_model_version("forest", source, run.info.run_id, description="second")
    assert (int(one.version), int(two.version)) == (1, 2)
    assert (one.source, one.run_id, one.tags, one.status) == (
        source,
        run.info.run_id,
        {"k": "v"},
        "READY",
    )
    assert client.get_model_version_download_uri("forest", "1") == source
    frozen = str(failure(client.log_text, run.info.run_id, "other weights", "model/data.txt"))
    assert "never change" in frozen, frozen

    client.set_registered_model_alias("forest", "champion", "1")
    client.set_registered_model_alias("forest", "challenger", "2")
    client.set_registered_model_alias("forest", "champion", "2")
    held = client.get_model_version("forest", "2").aliases
    assert sorted(held) == ["challenger", "champion"], held
    assert int(client.get_model_version_by_alias("forest", "champion").version) == 2
    assert client.get_registered_model("forest").aliases == {"champion": "2", "challenger": "2"}
    client.delete_registered_model_alias("forest", "challenger")
    refuses("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, "forest", "challenger")
    refuses("INVALID_PARAMETER_VALUE", client.set_registered_model_alias, "forest", "latest", "1")

    client.set_registered_model_tag("forest", "tier", "1")
    client.delete_registered_model_tag("forest", "owner")
    client.set_model_version_tag("forest", "1", "checked", "yes")
    client.delete_model_version_tag("forest", "1", "k")
    client.update_registered_model("forest", "changed")
    client.update_model_version("forest", "1", "the first")
    model = client.get_registered_model("forest")
    assert (model.tags, model.description) == ({"tier": "1"}, "changed"), model
    version = client.get_model_version("forest", "1")
    assert (version.tags, version.description) == ({"checked": "yes"}, "the first"), version

    client.transition_model_version_stage("forest", "1", "Staging")
    client.transition_model_version_stage("forest", "2", "Staging", archive_existing_versions=True)
    assert client.get_model_version("forest", "1").current_stage == "Archived"
    latest = client.get_latest_versions("forest", stages=["Staging"])
    assert [int(version.version) for version in latest] == [2]
    assert client.get_model_version_stages("forest", "1") == [
        "None",
        "Staging",
        "Production",
        "Archived",
    ]

    client.create_registered_model("garden")
    found = client.search_registered_models("name ILIKE 'FOR%'")
    assert [model.name for model in found] == ["forest"]
    page = client.search_registered_models(max_results=1, order_by=["name DESC"])
    assert [model.name for model in page] == ["garden"]
    assert page.token
    page = client.search_registered_models(
        max_results=1, order_by=["name DESC"], page_token=page.token
    )
    assert [model.name for model in page] == ["forest"]
    versions = client.search_model_versions("name = 'forest'")
    assert [int(v.version) for v in versions] == [2, 1]
    versions = client.search_model_versions(f"run_id = '{run.info.run_id}'", max_results=1)
    assert len(versions) == 1
    assert versions.token
    versions = client.search_model_versions("tags.checked = 'yes'")
    assert [int(v.version) for v in versions] == [1]

    client.delete_model_version("forest", "1")
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_model_version, "forest", "1")
    three = client.create_model_version("forest", source, run.info.run_id)
    assert int(three.version) == 3, "numbers are never used again"
    copied = client.copy_model_version("models:/forest/3", "garden")
    assert (copied.name, int(copied.version)) == ("garden", 1)
    client.rename_registered_model("forest", "woods")
    assert int(client.get_model_version_by_alias("woods", "champion").version) == 2
    client.delete_registered_model("woods")
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "woods")
    refuses(
        "INVALID_PARAMETER_VALUE", client.create_model_version, "garden", "/etc", run.info.run_id
    )


def logged_models(experiment):
    made = client.create_logged_model(
        experiment, name="net", params={"p": "1"}, tags={"t": "2"}, model_type="classifier"
    )
    assert (made.status, made.params, made.model_type) == ("PENDING", {"p": "1"}, "classifier")
    assert client.finalize_logged_model(made.model_id, "READY").status == "READY"
    client.set_logged_model_tags(made.model_id, {"more": "x"})
    client.delete_logged_model_tag(made.model_id, "t")
    client.log_model_params(made.model_id, {"q": "3"})
    run = client.create_run(experiment)
    client.log_metric(run.info.run_id, "auc", 0.75, model_id=made.model_id)
    found = client.get_logged_model(made.model_id)
    assert (found.tags, found.params) == ({"more": "x"}, {"p": "1", "q": "3"}), found
    assert [(metric.key, metric.value) for metric in found.metrics] == [("auc", 0.75)]
    listed = client.search_logged_models([experiment], filter_string="metrics.auc > 0.5")
    assert [model.model_id for model in listed] == [made.model_id]
    ordered = client.search_logged_models(
        [experiment], order_by=[{"field_name": "creation_timestamp", "ascending": False}]
    )
    assert ordered[0].model_id == made.model_id
    with tempfile.TemporaryDirectory() as name:
        Path(name, "w.bin").write_bytes(b"123")
        client.log_model_artifacts(made.model_id, name)
    files = client.list_logged_model_artifacts(made.model_id)
    assert [(f.path, f.file_size) for f in files] == [("w.bin", 3)], files
    client.delete_logged_model(made.model_id)
    refuses("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, made.model_id)


experiment_id = experiments()
run_of_all = runs(experiment_id)
search(experiment_id, run_of_all)
artifacts(run_of_all)
registry(experiment_id)
logged_models(experiment_id)
print("CLASSIC OK")
