"""Experiments, runs, metrics, params and tags through MlflowClient."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from recording import PREFIX, URL, experiment, step

mlflow.set_tracking_uri(URL)
client = MlflowClient(URL)


def experiments():
    one = experiment(client.create_experiment(f"{PREFIX}-a", tags={"team": "x"}), "A")
    two = experiment(client.create_experiment(f"{PREFIX}-b"), "B")
    step("experiment", client.get_experiment, one)
    step("experiment by name", client.get_experiment_by_name, f"{PREFIX}-b")
    step("experiment taken", client.create_experiment, f"{PREFIX}-a")
    step("experiment without name", client.create_experiment, "")
    step("experiment with a long name", client.create_experiment, "x" * 501)
    step("experiment of a number", client.create_experiment, 123)
    step("unknown experiment", client.get_experiment, "987654")
    step("experiment id in words", client.get_experiment, "abc")
    step("experiment id below zero", client.get_experiment, "-1")
    step("delete unknown experiment", client.delete_experiment, "987654")
    step("rename to a taken name", client.rename_experiment, two, f"{PREFIX}-a")
    step("rename", client.rename_experiment, two, f"{PREFIX}-c")
    step("renamed", client.get_experiment, two)
    step("tag", client.set_experiment_tag, two, "k", "v")
    step("tag of a long key", client.set_experiment_tag, two, "k" * 251, "v")
    step("tag of a long value", client.set_experiment_tag, two, "long", "v" * 20001)
    step("tag dropped", client.delete_experiment_tag, two, "k")
    step("tag dropped twice", client.delete_experiment_tag, two, "k")
    step("artifact location of a run", client.create_experiment, "loc", "runs:/abc")
    step("delete", client.delete_experiment, two)
    step("deleted", client.get_experiment, two)
    step("run in a deleted one", client.create_run, two)
    step("tag a deleted one", client.set_experiment_tag, two, "k", "v")
    step("name of a deleted one", client.create_experiment, f"{PREFIX}-c")
    step("delete again", client.delete_experiment, two)
    step("restore", client.restore_experiment, two)
    step("restore again", client.restore_experiment, two)
    for bad in (0, -1, 50001, "many"):
        step(
            f"experiments page of {bad}",
            client.search_experiments,
            filter_string=f"name = '{PREFIX}-a'",
            max_results=bad,
        )
    for text in EXPERIMENT_FILTERS:
        step(f"experiments where {text!r}", client.search_experiments, filter_string=text)
    for order in (
        ["name"],
        ["name DESC", "experiment_id"],
        ["creation_time ASC"],
        ["last_update_time DESC"],
        ["experiment_id DESC"],
        ["nope"],
        ["name SIDEWAYS"],
    ):
        step(
            f"experiments by {order}",
            client.search_experiments,
            filter_string=f"name LIKE '{PREFIX}-%'",
            order_by=order,
        )
    return one


EXPERIMENT_FILTERS = [
    f"name = '{PREFIX}-a'",
    f"name != 'parity-a' AND name LIKE '{PREFIX}%'",
    "name ILIKE '{PREFIX}-A'",
    f"attribute.name = '{PREFIX}-a'",
    f"attributes.name = '{PREFIX}-a'",
    "tags.team = 'x'",
    "tag.team = 'x'",
    "tags.`team` != 'y'",
    "tags.team LIKE 'x%'",
    "tags.team IS NOT NULL",
    f"tags.team IS NULL AND name LIKE '{PREFIX}-%'",
    "experiment_id = '0'",
    f"creation_time > 0 AND name = '{PREFIX}-a'",
    "last_update_time < 0",
    "name > 'a'",
    "nope = 'a'",
    f"name = {PREFIX}",
    f"name == '{PREFIX}-a'",
    "   ",
    f"name = '{PREFIX}-a' AND",
]


def runs(one):
    run = step(
        "run", client.create_run, one, start_time=5, tags={"a": "1", "mlflow.user": "u"}
    ).info.run_id
    step("run of an unknown experiment", client.create_run, "987654")
    step("unknown run", client.get_run, "0" * 32)
    step("run of no id", client.get_run, "x")
    step("param", client.log_param, run, "p", 1)
    step("param again", client.log_param, run, "p", "1")
    step("param changed", client.log_param, run, "p", 2)
    step("param long", client.log_param, run, "long", "v" * 6001)
    step("param of a long key", client.log_param, run, "k" * 251, "v")
    step("param without key", client.log_param, run, "", "v")
    step("param None", client.log_param, run, "none", None)
    step("param empty", client.log_param, run, "empty", "")
    for key in ("a//b", "../x", "/x", "a;b", "ok/sub:x-1.y z", ".", "a/../b", "a/"):
        step(f"metric named {key!r}", client.log_metric, run, key, 1.0, timestamp=1)
        step(f"param named {key!r}", client.log_param, run, key, 1)
        step(f"tag named {key!r}", client.set_tag, run, key, 1)
    step("metric", client.log_metric, run, "m", 1.5, timestamp=10, step=1)
    step("metric of a bool", client.log_metric, run, "b", True, timestamp=10)
    step("metric of a text", client.log_metric, run, "t", "1.5", timestamp=10)
    step("metric of words", client.log_metric, run, "t", "abc", timestamp=10)
    step("metric NaN", client.log_metric, run, "nan", float("nan"), timestamp=10)
    step("metric before time", client.log_metric, run, "m", 1, timestamp=-1)
    step("metric of a negative step", client.log_metric, run, "m", 0.5, timestamp=11, step=-3)
    step("metric long key", client.log_metric, run, "k" * 251, 1.0)
    step("metric on unknown run", client.log_metric, "0" * 32, "m", 1.0)
    step("tag", client.set_tag, run, "t", "v")
    step("tag over", client.set_tag, run, "t", "w")
    step("tag number", client.set_tag, run, "n", 3)
    step("tag long", client.set_tag, run, "long", "v" * 8001)
    step("tag long key", client.set_tag, run, "k" * 251, "v")
    step("tag drop", client.delete_tag, run, "n")
    step("tag drop unknown", client.delete_tag, run, "n")
    step("the run now", client.get_run, run)
    step("history", client.get_metric_history, run, "m")
    step("history of no metric", client.get_metric_history, run, "never")
    step("history of no run", client.get_metric_history, "0" * 32, "never")
    metrics = [Metric("batch", i, 100 + i, i) for i in range(1001)]
    step("batch of 1001 metrics", client.log_batch, run, metrics=metrics)
    step(
        "batch of 101 params",
        client.log_batch,
        run,
        params=[Param(f"q{i}", "1") for i in range(101)],
    )
    step(
        "batch of 101 tags", client.log_batch, run, tags=[RunTag(f"g{i}", "1") for i in range(101)]
    )
    step(
        "batch of twice a param",
        client.log_batch,
        run,
        params=[Param("twice", "1"), Param("twice", "2")],
    )
    step("batch of nothing", client.log_batch, run)
    step("batch changes a param", client.log_batch, run, params=[Param("p", "9"), Param("q", "1")])
    step("batch bad metric key", client.log_batch, run, metrics=[Metric("a//b", 1, 1, 1)])
    step("batch history", lambda: len(client.get_metric_history(run, "batch")))
    step("rename", client.update_run, run, name="other")
    step("status", client.update_run, run, status="FAILED")
    step("bad status", client.update_run, run, status="NOPE")
    step("renamed", lambda: client.get_run(run).info)
    step("terminated", client.set_terminated, run, "FINISHED", 77)
    step("ended", lambda: client.get_run(run).info)
    step("run name tag", client.set_tag, run, "mlflow.runName", "by tag")
    step("named by tag", lambda: client.get_run(run).info.run_name)
    step("two names", client.create_run, one, run_name="a", tags={"mlflow.runName": "b"})
    step("delete", client.delete_run, run)
    step("deleted", lambda: client.get_run(run).info)
    step("delete again", client.delete_run, run)
    step("log on a deleted one", client.log_metric, run, "m", 1)
    step("param on a deleted one", client.log_param, run, "z", 1)
    step("tag on a deleted one", client.set_tag, run, "z", 1)
    step("update a deleted one", client.update_run, run, name="z")
    step("batch on a deleted one", client.log_batch, run, tags=[RunTag("z", "1")])
    step("inputs on a deleted one", client.log_inputs, run, [])
    step("deleted only", client.search_runs, [one], run_view_type=ViewType.DELETED_ONLY)
    step("restore", client.restore_run, run)
    step("restore again", client.restore_run, run)
    step("delete unknown", client.delete_run, "0" * 32)
    step("restore unknown", client.restore_run, "0" * 32)
    return run


found = experiments()
runs(found)
