"""The wire by hand: inputs, outputs, data sets, and experiments that were deleted."""

from asking import ask, new_experiment, new_run, post
from recording import PREFIX, step

one = new_experiment("raw_links", "R")


def links():
    """Inputs, outputs, data sets, the legacy call for models."""
    run = new_run(one, run_name="io")
    row = {"name": "d", "digest": "1", "source_type": "local", "source": "{}"}
    for name, body in {
        "nothing": {},
        "no id": {"run_id": None},
        "an empty list": {"datasets": []},
        "a data set": {
            "datasets": [
                {"dataset": row, "tags": [{"key": "mlflow.data.context", "value": "train"}]}
            ]
        },
        "it again with another tag": {
            "datasets": [{"dataset": row, "tags": [{"key": "more", "value": "x"}]}]
        },
        "the same digest of another source": {
            "datasets": [{"dataset": {**row, "source": "other"}}]
        },
        "two": {
            "datasets": [
                {"dataset": {**row, "name": "e"}},
                {"dataset": {**row, "name": "f", "schema": "{}", "profile": "{}"}},
            ]
        },
        "no name": {"datasets": [{"dataset": {**row, "name": None}}]},
        "no digest": {"datasets": [{"dataset": {"name": "x"}}]},
        "no data set": {"datasets": [{}]},
        "empty name": {"datasets": [{"dataset": {**row, "name": ""}}]},
        "long name": {"datasets": [{"dataset": {**row, "name": "n" * 501}}]},
        "long digest": {"datasets": [{"dataset": {**row, "digest": "n" * 37}}]},
        "long source": {"datasets": [{"dataset": {**row, "name": "ls", "source": "n" * 65536}}]},
        "long tag": {"datasets": [{"dataset": row, "tags": [{"key": "k" * 256, "value": "x"}]}]},
        "long tag value": {
            "datasets": [{"dataset": row, "tags": [{"key": "k", "value": "x" * 501}]}]
        },
        "a tag without value": {"datasets": [{"dataset": row, "tags": [{"key": "k"}]}]},
        "a model": {"models": [{"model_id": "m-" + "0" * 32}]},
        "a model without id": {"models": [{}]},
    }.items():
        step(f"inputs of {name}", post, "runs/log-inputs", {"run_id": run, **body})
    step("inputs of an unknown run", post, "runs/log-inputs", {"run_id": "0" * 32, "datasets": []})
    for name, body in {
        "nothing": {},
        "an empty list": {"models": []},
        "an unknown model": {"models": [{"model_id": "m-" + "0" * 32, "step": 1}]},
        "no step": {"models": [{"model_id": "m-" + "0" * 32}]},
        "no id": {"models": [{"step": 1}]},
    }.items():
        step(f"outputs of {name}", post, "runs/outputs", {"run_id": run, **body})
    step(
        "outputs of an unknown run",
        post,
        "runs/outputs",
        {"run_id": "0" * 32, "models": [{"model_id": "x", "step": 0}]},
    )
    step(
        "what it read",
        lambda: [ask("GET", "runs/get", run_id=run)["run"][side] for side in ("inputs", "outputs")],
    )
    summaries = "/ajax-api/2.0/mlflow/experiments/search-datasets"
    for ids in ([one], [], None, ["x"], ["999999"], [one] * 21):
        step(
            f"data sets of {str(ids).replace(one, 'R')[:40]}",
            lambda ids=ids: post(summaries, {"experiment_ids": ids}),
        )
    for text in (
        '{"artifact_path": "m", "flavors": {"python_function": {}}, "utc_time_created": "x", "run_id": "y"}',
        "{}",
        "x",
        "[]",
        None,
    ):
        step(f"log-model {text}", post, "runs/log-model", {"run_id": run, "model_json": text})


def experiments():
    gone = new_experiment("gone", "G")
    post("experiments/set-experiment-tag", {"experiment_id": gone, "key": "a", "value": "b"})
    kept = new_run(gone, run_name="kept")
    post("experiments/delete", {"experiment_id": gone})
    for path, body in (
        ("experiments/set-experiment-tag", {"key": "k", "value": "v"}),
        ("experiments/delete-experiment-tag", {"key": "a"}),
        ("experiments/update", {"new_name": f"{PREFIX}-gone-2"}),
        ("experiments/update", {}),
        ("experiments/delete", {}),
        ("runs/create", {"run_name": "x"}),
    ):
        step(f"{path} {body} of a deleted one", post, path, {"experiment_id": gone, **body})
    step("its run", lambda: ask("GET", "runs/get", run_id=kept)["run"]["info"])
    step(
        "a metric of its run",
        post,
        "runs/log-metric",
        {"run_id": kept, "key": "m", "value": 1, "timestamp": 1},
    )
    step("the end of its run", post, "runs/update", {"run_id": kept, "status": "FINISHED"})
    step(
        "its runs",
        lambda: [
            run["info"]["run_name"]
            for run in post("runs/search", {"experiment_ids": [gone]}).get("runs", [])
        ],
    )
    step(
        "its deleted runs",
        lambda: [
            run["info"]["run_name"]
            for run in post(
                "runs/search", {"experiment_ids": [gone], "run_view_type": "DELETED_ONLY"}
            ).get("runs", [])
        ],
    )
    step("got by name", ask, "GET", "experiments/get-by-name", experiment_name=f"{PREFIX}-gone")
    step("its run restored", post, "runs/restore", {"run_id": kept})
    step("restored", post, "experiments/restore", {"experiment_id": gone})
    step("restored, got", ask, "GET", "experiments/get", experiment_id=gone)
    step(
        "its runs after",
        lambda: [
            run["info"]["run_name"]
            for run in post("runs/search", {"experiment_ids": [gone]}).get("runs", [])
        ],
    )
    for body in (
        {"key": "k"},
        {"key": "", "value": "v"},
        {"value": "v"},
        {"key": "k", "value": ""},
        {"key": "k", "value": None},
        {"key": "é" * 250, "value": "日本"},
        {"key": "x" * 250, "value": "v" * 5000},
        {"key": "long", "value": "v" * 5001},
        {"key": "a/../b", "value": "v"},
        {"key": "a\x00b", "value": "v"},
    ):
        step(
            f"tag {str(body)[:60]} {len(str(body))}",
            post,
            "experiments/set-experiment-tag",
            {"experiment_id": gone, **body},
        )
    for name in (
        "",
        " ",
        "  x",
        "x" * 500,
        "x" * 501,
        "é/日本",
        "a'b",
        'a"b',
        "%",
        "a\x00b",
        "a\nb",
    ):
        step(
            f"new name {name[:20]!r} of {len(name)}",
            post,
            "experiments/update",
            {"experiment_id": gone, "new_name": name and f"{PREFIX}{name}"[: len(name)]},
        )
    step("the default", post, "experiments/delete", {"experiment_id": "999999"})
    for location in (
        "",
        "relative/path",
        "file:///tmp/x",
        "s3://bucket/x",
        "mlflow-artifacts:/x",
        "mlflow-artifacts://host:1/x",
        "http://x/y",
        "file:///a/../b",
        "x?y=1",
        "s3://b/x#f",
        "nonsense:y",
    ):
        step(
            f"located at {location!r}",
            lambda location=location: ask(
                "GET",
                "experiments/get",
                experiment_id=new_experiment(f"at-{location}", f"at {location}", location),
            )["experiment"]["artifact_location"],
        )


links()
experiments()
