"""The fluent interface: runs, files, tables, data sets, evaluation, asynchronous logging."""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from recording import PREFIX, URL, experiment, step
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

mlflow.set_tracking_uri(URL)
client = MlflowClient(URL)


def tree(run_id, path=""):
    found = []
    for info in client.list_artifacts(run_id, path):
        found += tree(run_id, info.path) if info.is_dir else [info.path]
    return sorted(found)


def lineage():
    made = step("set by name", lambda: mlflow.set_experiment(f"{PREFIX}-fluent").name)
    one = experiment(mlflow.get_experiment_by_name(f"{PREFIX}-fluent").experiment_id, "F")
    step("set by id", lambda: mlflow.set_experiment(experiment_id=one).name == made)
    step("set unknown", mlflow.set_experiment, experiment_id="987654")
    with mlflow.start_run(run_name="parent", tags={"a": "1"}, description="what it is") as parent:
        mlflow.log_param("p", 1)
        with mlflow.start_run(nested=True, run_name="child") as child:
            mlflow.log_metric("m", 1, step=1)
        step("twice", lambda: mlflow.start_run())
        with mlflow.start_run(nested=True, parent_run_id=parent.info.run_id):
            mlflow.set_tag("t", "1")
    step("parent of the child", lambda: mlflow.get_parent_run(child.info.run_id).info.run_name)
    step(
        "parent",
        lambda: {
            k: v
            for k, v in mlflow.get_run(parent.info.run_id).data.tags.items()
            if not k.startswith(("mlflow.source", "mlflow.user"))
        },
    )
    with mlflow.start_run(run_id=parent.info.run_id):
        mlflow.log_metrics({"x": 0.5, "y": 2}, step=3)
    step("resumed", lambda: dict(mlflow.get_run(parent.info.run_id).data.metrics))
    step(
        "children",
        lambda: sorted(
            mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'")[
                "tags.mlflow.parentRunId"
            ]
            == parent.info.run_id
        ),
    )
    try:
        with mlflow.start_run() as failed:
            raise ValueError("on purpose")
    except ValueError:
        step("failed", lambda: mlflow.get_run(failed.info.run_id).info.status)
    step(
        "killed",
        lambda: (
            mlflow.start_run(),
            mlflow.end_run("KILLED"),
            mlflow.last_active_run().info.status,
        )[2],
    )
    mlflow.delete_run(failed.info.run_id)
    step("start a deleted one", lambda: mlflow.start_run(run_id=failed.info.run_id))
    mlflow.end_run()
    step("delete tag", lambda: mlflow.delete_tag("none"))
    mlflow.end_run()
    step(
        "experiment tags",
        lambda: (mlflow.set_experiment_tags({"k": "v"}), mlflow.get_experiment(one).tags)[1],
    )
    mlflow.delete_experiment(one)
    step("set a deleted one", mlflow.set_experiment, f"{PREFIX}-fluent")
    client.restore_experiment(one)
    return one


def files():
    Path("up/deep/er").mkdir(parents=True)
    Path("up/a.txt").write_text("a")
    Path("up/deep/er/b c é+%.txt").write_text("b")
    with mlflow.start_run() as run:
        mlflow.log_artifact("up/a.txt")
        mlflow.log_artifact("up/a.txt", "in/side")
        mlflow.log_artifacts("up", "tree")
        mlflow.log_artifacts("up")
        mlflow.log_text("text", "t/x.txt")
        mlflow.log_dict({"a": [1, 2]}, "d.json")
        mlflow.log_dict({"a": [1, 2]}, "d.yaml")
        figure, axes = plt.subplots()
        axes.plot([1, 2])
        mlflow.log_figure(figure, "figs/f.png")
        mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "i.png")
        mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), key="img", step=2)
        mlflow.log_table({"x": [1, 2], "y": ["a", "b"]}, "table.json")
        mlflow.log_table(pd.DataFrame({"x": [3], "y": ["c"]}), "table.json")
        mlflow.log_text("", "empty.txt")
        step("missing file", mlflow.log_artifact, "nowhere.txt")
        step("path up", mlflow.log_text, "x", "../x.txt")
        step("absolute path", mlflow.log_text, "x", "/x.txt")
    run_id = run.info.run_id
    step("files", lambda: [name for name in tree(run_id) if not name.startswith("images/")])
    step("images", lambda: len([name for name in tree(run_id) if name.startswith("images/")]))
    step(
        "listed",
        lambda: [
            (i.path, i.is_dir, i.file_size)
            for i in client.list_artifacts(run_id)
            if i.path in ("a.txt", "tree", "t")
        ],
    )
    step("list a file", client.list_artifacts, run_id, "a.txt")
    step("list nothing", client.list_artifacts, run_id, "nowhere")
    step("list upwards", client.list_artifacts, run_id, "../..")
    step("table", lambda: mlflow.load_table("table.json", run_ids=[run_id]).to_dict("list"))
    step(
        "table with run",
        lambda: sorted(
            mlflow.load_table("table.json", run_ids=[run_id], extra_columns=["run_id"]).columns
        ),
    )
    step("tag of tables", lambda: mlflow.get_run(run_id).data.tags.get("mlflow.loggedArtifacts"))
    step("text", mlflow.artifacts.load_text, f"runs:/{run_id}/t/x.txt")
    step("dict", mlflow.artifacts.load_dict, f"runs:/{run_id}/d.json")
    step("image", lambda: mlflow.artifacts.load_image(f"runs:/{run_id}/i.png").size)
    step(
        "downloaded",
        lambda: sorted(
            str(p.relative_to(Path("down").absolute()))
            for p in Path(
                mlflow.artifacts.download_artifacts(
                    f"runs:/{run_id}/tree", dst_path=os.path.abspath("down")
                )
            ).rglob("*")
        ),
    )
    step("empty", mlflow.artifacts.load_text, f"runs:/{run_id}/empty.txt")
    step(
        "odd name",
        lambda: Path(
            client.download_artifacts(run_id, "tree/deep/er/b c é+%.txt", ".")
        ).read_text(),
    )
    step(
        "listed by address",
        lambda: sorted(i.path for i in mlflow.artifacts.list_artifacts(f"runs:/{run_id}/tree")),
    )
    step(
        "overwritten",
        lambda: (
            client.log_text(run_id, "again", "t/x.txt"),
            mlflow.artifacts.load_text(f"runs:/{run_id}/t/x.txt"),
        )[1],
    )


def data(one):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0, 1, 0, 1]})
    with mlflow.start_run(run_name="with data") as run:
        pandas = mlflow.data.from_pandas(
            frame, source="s3://bucket/x.csv", name="frame", targets="b"
        )
        mlflow.log_input(pandas, context="training", tags={"v": "1"})
        mlflow.log_input(mlflow.data.from_numpy(np.arange(6.0), name="array"), context="test")
        mlflow.log_input(pandas, context="training")
        step("params", lambda: mlflow.log_params({f"p{n}": n for n in range(150)}))
        step("tags", lambda: mlflow.set_tags({f"t{n}": n for n in range(150)}))
        step("metrics", lambda: mlflow.log_metrics({f"m{n}": n for n in range(1200)}))
    step(
        "inputs",
        lambda: [
            {**dict(i.dataset), "source": None, "tags": {t.key: t.value for t in i.tags}}
            for i in mlflow.get_run(run.info.run_id).inputs.dataset_inputs
        ],
    )
    step(
        "found by data",
        lambda: [
            r.info.run_name
            for r in mlflow.search_runs(
                [one],
                "dataset.name = 'frame' AND dataset.context = 'training'",
                output_format="list",
            )
        ],
    )
    step(
        "counts",
        lambda: [
            len(x)
            for x in (
                mlflow.get_run(run.info.run_id).data.params,
                mlflow.get_run(run.info.run_id).data.metrics,
            )
        ],
    )


def asynchronous():
    with mlflow.start_run() as run:
        waiting = [mlflow.log_metric("loss", n, step=n, synchronous=False) for n in range(50)]
        mlflow.log_param("later", 1, synchronous=False).wait()
        mlflow.set_tag("later", 1, synchronous=False).wait()
        for one in waiting:
            one.wait()
    step(
        "asynchronous",
        lambda: [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "loss")],
    )
    mlflow.config.enable_async_logging(True)
    with mlflow.start_run() as run:
        mlflow.log_metrics({"a": 1.0, "b": 2.0})
        mlflow.log_params({"x": 1})
        mlflow.flush_async_logging()
    mlflow.config.enable_async_logging(False)
    step(
        "by default",
        lambda: [
            dict(mlflow.get_run(run.info.run_id).data.metrics),
            dict(mlflow.get_run(run.info.run_id).data.params),
        ],
    )


def learning(one):
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
    target = (features["a"] > 0).astype(int)
    mlflow.sklearn.autolog(max_tuning_runs=3, log_models=True)
    with mlflow.start_run(run_name="search") as run:
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(features, target)
    mlflow.sklearn.autolog(disable=True)
    found = mlflow.get_run(run.info.run_id)
    step("search params", lambda: sorted(found.data.params))
    step("search metrics", lambda: sorted(found.data.metrics))
    step("search files", lambda: tree(run.info.run_id))
    step(
        "search children",
        lambda: len(mlflow.search_runs([one], f"tags.mlflow.parentRunId = '{run.info.run_id}'")),
    )
    step("search outputs", lambda: len(found.outputs.model_outputs))
    model = LogisticRegression().fit(features, target)
    with mlflow.start_run(run_name="evaluated") as run:
        logged = mlflow.sklearn.log_model(model, name="clf", input_example=features.head(2))
        checked = mlflow.models.evaluate(
            logged.model_uri,
            features.assign(y=target),
            targets="y",
            model_type="classifier",
            evaluator_config={"log_explainer": False},
        )
    step("evaluated", lambda: sorted(checked.metrics))
    step("evaluation", lambda: sorted(mlflow.get_run(run.info.run_id).data.metrics))
    step("evaluation files", lambda: tree(run.info.run_id))
    step("evaluation inputs", lambda: len(mlflow.get_run(run.info.run_id).inputs.dataset_inputs))
    step(
        "model metrics",
        lambda: sorted({m.key for m in mlflow.get_logged_model(logged.model_id).metrics}),
    )
    step(
        "loaded",
        lambda: (
            mlflow.pyfunc.load_model(logged.model_uri).predict(features).tolist()
            == model.predict(features).tolist()
        ),
    )
    step(
        "loaded by run",
        lambda: mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/clf").coef_.shape,
    )
    step("info", lambda: sorted(mlflow.models.get_model_info(logged.model_uri).flavors))


chosen = lineage()
mlflow.set_experiment(experiment_id=chosen)
files()
data(chosen)
asynchronous()
learning(chosen)
