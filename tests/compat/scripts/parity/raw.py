"""The wire by hand: bodies, numbers, keys and batches that no client would send by itself."""

from asking import BASE, ask, new_experiment, new_run, post, send
from recording import step

one = new_experiment("raw", "R")


def found_in(run_id):
    return ask("GET", "runs/get", run_id=run_id)["run"]["data"]


def bodies():
    """Bodies that are not quite JSON objects, and fields that are not quite their types."""
    for body in (
        "",
        "{}",
        "[]",
        "null",
        '"x"',
        "1",
        "{",
        '{"name": }',
        "\ufeff{}",
        '{"name":"a"}x',
    ):
        step(f"create of body {body!r}", post, "experiments/create", body)
    step(
        "create without a type",
        lambda: send("POST", f"{BASE}/experiments/create", b"{}", {"Content-Type": ""})[0],
    )
    for value in (None, 1, 1.5, True, [], {}, ["a"]):
        step(f"create named {value!r}", post, "experiments/create", {"name": value})
    for value in (None, 1, "x", [1], [{"key": 1}], [{"value": "v"}], [{"key": "k"}], {"k": "v"}):
        body = {"experiment_id": one, "tags": value, "run_name": "n", "start_time": 1}
        step(f"run with tags {value!r}", post, "runs/create", body)
    for value in (
        "7",
        "x",
        7.0,
        7.5,
        1e3,
        "1e3",
        -1,
        2**63 - 1,
        2**63,
        "9223372036854775807",
        True,
        [7],
        "",
    ):
        body = {"experiment_id": one, "start_time": value, "run_name": "n"}
        step(f"run started at {value!r}", post, "runs/create", body)
    for value in (1, "FINISHED", "finished", "3", 9, 0, "", None, "SCHEDULED", "KILLED", 5):
        run_id = new_run(one, run_name="n")
        step(f"status {value!r}", post, "runs/update", {"run_id": run_id, "status": value})
    for name in ("experimentId", "experiment_id"):
        step(
            f"spelt {name}",
            post,
            "runs/create",
            {name: one, "runName": "c", "startTime": "5", "userId": "u"},
        )
    step("unknown fields", post, "runs/create", {"experiment_id": one, "nope": 1, "run_name": "n"})
    step(
        "twice a field",
        post,
        "runs/create",
        f'{{"experiment_id": "{one}", "run_name": "a", "run_name": "b"}}',
    )
    step(
        "number of an experiment",
        post,
        "runs/create",
        f'{{"experiment_id": {one}, "run_name": "a"}}',
    )
    step("no experiment", post, "runs/create", {"run_name": "a"})
    step(
        "both ids",
        post,
        "runs/log-parameter",
        {"run_id": new_run(one), "run_uuid": "x", "key": "a", "value": "b"},
    )
    step(
        "the old id",
        post,
        "runs/log-parameter",
        {"run_uuid": new_run(one), "key": "a", "value": "b"},
    )
    step("no id", post, "runs/log-parameter", {"key": "a", "value": "b"})
    step("experiment of a long id", ask, "GET", "experiments/get", experiment_id="9" * 30)
    step("experiment of a signed id", ask, "GET", "experiments/get", experiment_id="-1")
    step("experiment of no id", ask, "GET", "experiments/get")
    step("experiment of an empty id", ask, "GET", "experiments/get", experiment_id="")
    step("experiment of two ids", ask, "GET", "experiments/get", experiment_id=[one, "0"])
    step(
        "a run of two ids",
        lambda: ask("GET", "runs/get", run_id=["0" * 32, new_run(one, run_name="n")])["run"][
            "info"
        ]["run_name"],
    )


def metrics():
    run = new_run(one, run_name="m")

    def log(value, **fields):
        return post(
            "runs/log-metric", {"run_id": run, "key": "v", "value": value, "timestamp": 1, **fields}
        )

    for value in (
        0,
        -0.0,
        1,
        1.5,
        "1.5",
        "x",
        "",
        None,
        True,
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        "inf",
        "-inf",
        "1e400",
        1e300,
        5e-324,
        2**70,
        [1],
        {},
    ):
        step(f"value {value!r}", log, value)
    for raw in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "01", "+1", ".5", "1."):
        body = f'{{"run_id": "{run}", "key": "raw", "value": {raw}, "timestamp": 2}}'
        step(f"raw value {raw}", post, "runs/log-metric", body)
    for name, values in (
        ("timestamp", (0, -1, "7", 7.0, 7.5, 2**63, None, "x")),
        ("step", (0, -1, "7", 7.0, 7.5, 2**63, 2**63 - 1, -(2**63), None, "x")),
    ):
        for value in values:
            step(
                f"{name} {value!r}",
                post,
                "runs/log-metric",
                {"run_id": run, "key": f"of-{name}", "value": 1, "timestamp": 3, name: value},
            )
    for key in (
        "",
        None,
        1,
        "é",
        "日本",
        "a b",
        "a\nb",
        "a\tb",
        "a:b",
        "a,b",
        "a%b",
        "a=b",
        "a'b",
        'a"b',
        "a`b",
        "\U0001f600",
        "x" * 250,
        "x" * 251,
        "..",
        "./a",
        "a/./b",
        " a",
        "a ",
    ):
        shown = key if not isinstance(key, str) or len(key) < 50 else f"of {len(key)}"
        step(
            f"metric key {shown!r}",
            post,
            "runs/log-metric",
            {"run_id": run, "key": key, "value": 1, "timestamp": 3},
        )
        step(
            f"param key {shown!r}",
            post,
            "runs/log-parameter",
            {"run_id": run, "key": key, "value": "1"},
        )
        step(f"tag key {shown!r}", post, "runs/set-tag", {"run_id": run, "key": key, "value": "1"})
    step("what is there", found_in, run)
    for query in (
        {},
        {"max_results": 2},
        {"max_results": 0},
        {"max_results": -1},
        {"max_results": "x"},
        {"max_results": 25001},
        {"page_token": "x"},
        {"page_token": ""},
    ):
        step(
            f"history {query}",
            lambda query=query: ask(
                "GET", "metrics/get-history", run_id=run, metric_key="v", **query
            ),
        )
    step("history of no key", ask, "GET", "metrics/get-history", run_id=run)
    step("history of no run", ask, "GET", "metrics/get-history", metric_key="v")
    step(
        "history by the old id",
        lambda: len(ask("GET", "metrics/get-history", run_uuid=run, metric_key="v")["metrics"]),
    )
    many = new_run(one, run_name="many")
    post(
        "runs/log-batch",
        {
            "run_id": many,
            "metrics": [
                {"key": "k", "value": i, "timestamp": i, "step": i // 2} for i in range(50)
            ],
        },
    )
    interval = "metrics/get-history-bulk-interval"
    for query in (
        {},
        {"max_results": 5},
        {"max_results": 1},
        {"max_results": 0},
        {"max_results": 2501},
        {"start_step": 3, "end_step": 9},
        {"start_step": 3},
        {"end_step": 3},
        {"start_step": 9, "end_step": 3},
        {"start_step": -5, "end_step": 100, "max_results": 4},
    ):
        step(
            f"interval {query}",
            lambda query=query: ask("GET", interval, run_ids=[many, run], metric_key="k", **query),
        )
    step("interval of no run", ask, "GET", interval, metric_key="k")
    step("interval of an unknown run", ask, "GET", interval, metric_key="k", run_ids=["0" * 32])
    step("interval of no key", ask, "GET", interval, run_ids=[many])
    step("interval of many runs", ask, "GET", interval, metric_key="k", run_ids=["0" * 32] * 101)
    bulk = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
    for query in (
        {},
        {"max_results": 3},
        {"max_results": 0},
        {"max_results": 25001},
        {"max_results": "x"},
    ):
        step(
            f"bulk {query}",
            lambda query=query: ask("GET", bulk, run_id=[many], metric_key="k", **query),
        )
    step("bulk of no run", ask, "GET", bulk, metric_key="k")
    step("bulk of no key", ask, "GET", bulk, run_id=[many])


def batches():
    run = new_run(one, run_name="b")
    point = {"key": "k", "value": 1, "timestamp": 1, "step": 0}
    for name, body in {
        "nothing": {},
        "nulls": {"metrics": None, "params": None, "tags": None},
        "no id": {"run_id": None},
        "1000 metrics": {"metrics": [point] * 1000},
        "1001 metrics": {"metrics": [point] * 1001},
        "100 params": {"params": [{"key": f"p{i}", "value": "1"} for i in range(100)]},
        "101 params": {"params": [{"key": f"r{i}", "value": "1"} for i in range(101)]},
        "100 tags": {"tags": [{"key": f"t{i}", "value": "1"} for i in range(100)]},
        "101 tags": {"tags": [{"key": f"u{i}", "value": "1"} for i in range(101)]},
        "1001 in all": {
            "metrics": [point] * 950,
            "params": [{"key": f"s{i}", "value": "1"} for i in range(30)],
            "tags": [{"key": f"s{i}", "value": "1"} for i in range(30)],
        },
        "a metric without a value": {"metrics": [{"key": "k", "timestamp": 1, "step": 0}]},
        "a metric without a time": {"metrics": [{"key": "k", "value": 1, "step": 0}]},
        "a metric without a step": {"metrics": [{"key": "nostep", "value": 1, "timestamp": 1}]},
        "a metric without a key": {"metrics": [{"value": 1, "timestamp": 1, "step": 0}]},
        "a text for a metric": {"metrics": ["k"]},
        "a param without a value": {"params": [{"key": "pv"}]},
        "a param of a number": {"params": [{"key": "pn", "value": 5}]},
        "a param twice alike": {
            "params": [{"key": "tw", "value": "1"}, {"key": "tw", "value": "1"}]
        },
        "a tag without a value": {"tags": [{"key": "tv"}]},
        "a tag twice": {"tags": [{"key": "tt", "value": "1"}, {"key": "tt", "value": "2"}]},
        "a long param": {"params": [{"key": "lp", "value": "v" * 6001}]},
        "a param at the limit": {"params": [{"key": "le", "value": "v" * 6000}]},
        "a long tag": {"tags": [{"key": "lt", "value": "v" * 8001}]},
        "a tag at the limit": {"tags": [{"key": "te", "value": "v" * 8000}]},
        "an object for metrics": {"metrics": {"a": 1}},
        "NaN as text": {"metrics": [{**point, "key": "nan", "value": "NaN"}]},
    }.items():
        step(f"batch of {name}", post, "runs/log-batch", {"run_id": run, **body})
    step(
        "more than a mebibyte",
        lambda: post(
            "runs/log-batch",
            {
                "run_id": run,
                "tags": [{"key": f"m{i}", "value": "v" * 7900} for i in range(100)],
                "params": [{"key": f"m{i}", "value": "v" * 5900} for i in range(100)],
            },
        ),
    )
    step(
        "after batches",
        lambda: {
            name: [(one["key"], len(str(one["value"]))) for one in found]
            for name, found in found_in(run).items()
        },
    )


bodies()
metrics()
batches()
