"""Logged models, from outside and from inside runs."""

import mlflow
from mlflow import MlflowClient
from recording import PREFIX, URL, experiment, step

mlflow.set_tracking_uri(URL)
client = MlflowClient(URL)
one = experiment(client.create_experiment(f"{PREFIX}-models"), "L")
mlflow.set_experiment(experiment_id=one)


def found(text=None, **named):
    return [model.name for model in client.search_logged_models([one], filter_string=text, **named)]


run = client.create_run(one)
net = step(
    "create",
    client.create_logged_model,
    one,
    name="net",
    source_run_id=run.info.run_id,
    params={"p": "1"},
    tags={"t": "2"},
    model_type="classifier",
)
step("get", client.get_logged_model, net.model_id)
for bad in ("a/b", "a:b", "a.b", "a%b", 'a"b', "a'b", ""):
    step(f"create {bad!r}", lambda bad=bad: bool(client.create_logged_model(one, name=bad).name))
step("create without name", lambda: client.create_logged_model(one).status)
step("create in an unknown experiment", client.create_logged_model, "987654", name="x")
step("unknown", client.get_logged_model, "m-" + "0" * 32)
step("no id", client.get_logged_model, "nonsense")
step("params", client.log_model_params, net.model_id, {"q": "3"})
step("param changed", client.log_model_params, net.model_id, {"q": "4"})
step("tags", client.set_logged_model_tags, net.model_id, {"more": "x"})
step("tag dropped", client.delete_logged_model_tag, net.model_id, "t")
step("tag dropped again", client.delete_logged_model_tag, net.model_id, "t")
step("finalize", client.finalize_logged_model, net.model_id, "READY")
step("finalize nonsense", client.finalize_logged_model, net.model_id, "NOPE")
step("finalize failed", lambda: client.finalize_logged_model(net.model_id, "FAILED").status)
step("finalize ready", lambda: client.finalize_logged_model(net.model_id, "READY").status)
step("metric", client.log_metric, run.info.run_id, "auc", 0.75, 10, 0, model_id=net.model_id)
step("metric again", client.log_metric, run.info.run_id, "auc", 0.5, 20, 1, model_id=net.model_id)
step(
    "metric of an unknown model",
    client.log_metric,
    run.info.run_id,
    "auc",
    1,
    model_id="m-" + "0" * 32,
)
step("with metrics", client.get_logged_model, net.model_id)
second = client.create_logged_model(one, name="second", params={"p": "2"})
client.log_metric(
    run.info.run_id,
    "auc",
    0.9,
    10,
    0,
    model_id=second.model_id,
    dataset_name="d",
    dataset_digest="x",
)
for text in (
    "name = 'net'",
    "attributes.name = 'net'",
    "name LIKE 'n%'",
    "name ILIKE 'N%'",
    "name IN ('net', 'second')",
    "params.p = '1'",
    "params.`p` != '1'",
    "params.p IN ('1', '2')",
    "tags.more = 'x'",
    "metrics.auc > 0.8",
    "metrics.auc > 0.6 AND params.p = '1'",
    "model_type = 'classifier'",
    "status = 'READY'",
    "attributes.status = 'PENDING'",
    "creation_timestamp > 0",
    "creation_time > 0",
    "last_updated_timestamp > 0",
    "source_run_id = 'x'",
    "model_id = 'x'",
    "nope = 'x'",
    "metric.auc > 0.8",
    "metrics.auc > 'x'",
    "name = 'net' OR name = 'second'",
):
    step(
        f"where {text}",
        lambda text=text: sorted(name for name in found(text) if name in ("net", "second")),
    )
for order in (
    [{"field_name": "creation_timestamp", "ascending": True}],
    [{"field_name": "name", "ascending": False}],
    [{"field_name": "metrics.auc", "ascending": False}],
    [{"field_name": "metrics.auc", "ascending": True, "dataset_name": "d", "dataset_digest": "x"}],
    [{"field_name": "nope"}],
    [{"ascending": True}],
):
    step(
        f"by {order}",
        lambda order=order: list(found("name IN ('net', 'second')", order_by=order)),
    )
step("of a data set", lambda: sorted(found("metrics.auc > 0.1", datasets=[{"dataset_name": "d"}])))
page = client.search_logged_models([one], max_results=1, filter_string="name IN ('net', 'second')")
step("a page", lambda: [m.name for m in page])
step(
    "the next",
    lambda: [
        m.name
        for m in client.search_logged_models(
            [one], max_results=1, filter_string="name IN ('net', 'second')", page_token=page.token
        )
    ],
)
step(
    "a token of another search",
    client.search_logged_models,
    [one],
    max_results=1,
    filter_string="name = 'net'",
    page_token=page.token,
)
step("of no experiment", client.search_logged_models, [])
step(
    "external",
    lambda: (
        mlflow.create_external_model(name="ext", params={"a": "b"}, model_type="llm")
        .to_dictionary()
        .keys()
    ),
)
step(
    "external ready",
    lambda: [
        m.status
        for m in mlflow.search_logged_models(
            [one], filter_string="name = 'ext'", output_format="list"
        )
    ],
)
step("initialize", lambda: mlflow.initialize_logged_model(name="init", tags={"x": "y"}).status)
step("table", lambda: sorted(mlflow.search_logged_models([one]).columns))
with mlflow.start_run():
    active = mlflow.set_active_model(name="acting")
    step("active", lambda: mlflow.get_active_model_id())
    mlflow.log_metric("m", 1.0)
    step(
        "its metrics",
        lambda: [(m.key, m.value) for m in mlflow.get_logged_model(active.model_id).metrics],
    )
step("delete", client.delete_logged_model, net.model_id)
step("deleted", client.get_logged_model, net.model_id)
step("deleted again", client.delete_logged_model, net.model_id)
step("searched no more", found, "name = 'net'")
