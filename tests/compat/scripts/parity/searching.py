"""Search of runs: every part of the grammar, orders and pages."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag
from recording import PREFIX, URL, experiment, step

mlflow.set_tracking_uri(URL)
client = MlflowClient(URL)
one = experiment(client.create_experiment(f"{PREFIX}-search"), "S")

for number in range(6):
    run = client.create_run(
        one,
        start_time=1000 + 5 * number,
        run_name=f"Run_{number}",
        tags={"mlflow.user": "ada" if number % 2 else "bob", "even": str(number % 2 == 0)},
    )
    run_id = run.info.run_id
    client.log_metric(run_id, "loss", 1 / (number + 1), timestamp=1)
    if number == 1:
        client.log_metric(run_id, "odd", float("nan"), timestamp=1)
    elif number < 5:
        client.log_metric(run_id, "odd", number, timestamp=1)
    client.log_param(run_id, "depth", number)
    client.log_param(run_id, "with space", "x y" if number < 2 else "x")
    if number == 3:
        client.set_tag(run_id, "quote", "it's")
        client.set_tag(run_id, "key:s", "1")
    if number in (2, 3):
        data = Dataset(f"rows-{number}", f"d{number}", "local", "{}")
        context = InputTag("mlflow.data.context", "train" if number == 2 else "test")
        client.log_inputs(run_id, [DatasetInput(data, [context])])
    if number != 5:
        client.set_terminated(run_id, "FAILED" if number == 4 else "FINISHED", 2000 + number)


def names(text, **named):
    page = client.search_runs([one], text, **named)
    return [run.info.run_name for run in page]


FILTERS = [
    "",
    "metrics.loss < 0.3",
    "metric.loss <= 0.5 AND metrics.loss > 0.2",
    "metrics.loss = 1",
    "metrics.loss != 1.0",
    "metrics.odd != 2",
    "metrics.odd = 2",
    "metrics.odd > -1e3",
    "metrics.odd >= +2.5",
    "metrics.never > 0",
    "metrics.`loss` < .3",
    'metrics."loss" < 1.0e-1',
    "metrics.loss < 'a'",
    "metrics.loss < '0.3'",
    "metrics.loss LIKE '1%'",
    "metrics.loss = NaN",
    "metrics.loss IS NULL",
    "params.depth = '3'",
    'params.depth = "3"',
    "param.depth != '3'",
    "parameters.depth LIKE '%'",
    "parameter.depth ILIKE '3'",
    "params.depth = 3",
    "params.depth > '3'",
    "params.`with space` = 'x y'",
    'params."with space" LIKE "x %"',
    "params.never != '1'",
    "params.never IS NULL",
    "params.depth IS NOT NULL AND tags.quote IS NOT NULL",
    "params.depth is null",
    'tags.quote = "it\'s"',
    "tags.quote LIKE 'IT%'",
    "tags.quote ILIKE 'IT%'",
    "tag.even = 'True'",
    "tags.`mlflow.user` = 'ada'",
    "tags.mlflow.user = 'ada'",
    "tags.`key:s` = '1'",
    "tags.quote IS NULL",
    "attributes.run_name = 'Run_3'",
    "attribute.run_name LIKE 'Run%'",
    "attr.run_name LIKE 'run%'",
    "run.run_name ILIKE 'run_2'",
    "run_name = 'Run_1'",
    "`run_name` = 'Run_1'",
    "attributes.`run name` = 'Run_1'",
    "Run_name = 'Run_1'",
    "status = 'FINISHED'",
    "status != 'FINISHED'",
    "attributes.status = 'failed'",
    "status LIKE 'FI%'",
    "user_id = 'ada'",
    "artifact_uri LIKE 'mlflow-artifacts:%'",
    "start_time > 1005",
    "start_time >= 1010 AND start_time <= 1020",
    "created < 1010",
    "Created = 1010",
    "start_time = '1010'",
    "start_time > 1005.5",
    "end_time > 2002",
    "end_time != 2002",
    "attributes.end_time < 2001",
    "duration > 5",
    "experiment_id = '1'",
    "lifecycle_stage = 'active'",
    "run_id = 'x'",
    "run_id IN ('x', 'y')",
    "run_id NOT IN ('x')",
    "run_name IN ('Run_1', 'Run_2')",
    "tags.even IN ('True')",
    "params.depth IN ('1', '2')",
    "run_id IN ()",
    "datasets.name = 'rows-2'",
    "dataset.name LIKE 'rows%'",
    "dataset.name ILIKE 'ROWS-3'",
    "datasets.digest = 'd3'",
    "dataset.context = 'train'",
    "dataset.context != 'train'",
    "dataset.name IN ('rows-2', 'rows-3')",
    "dataset.name NOT IN ('rows-2')",
    "dataset.source = 'x'",
    "metrics.loss < 0.6 and params.depth = '3' And tags.even = 'False'",
    "metrics.loss < 0.6 OR params.depth = '0'",
    "NOT params.depth = '0'",
    "(params.depth = '0')",
    "metrics.loss < 0.6 AND",
    "AND metrics.loss < 0.6",
    "   ",
    "params.depth = '0' params.depth = '1'",
    "params.depth = '0', params.depth = '1'",
    "params.depth == '0'",
    "params.depth <> '0'",
    "metrics.loss BETWEEN 0 AND 1",
    "params.depth = params.depth",
    "nothing.depth = '0'",
    "nope = '0'",
    "params. = '0'",
    ".depth = '0'",
    "params.depth",
    "params.depth =",
    "= '0'",
    "params.depth = '0",
    "params.depth = \"0'",
    "1 = 1",
    "'a' = 'a'",
    "metrics.loss < 1; DROP TABLE runs",
    "metrics.loss < 1 -- comment",
    "params.depth = '0' /* no */",
]
for text in FILTERS:
    step(f"where {text!r}", names, text)

ORDERS = [
    ["metrics.odd"],
    ["metrics.odd DESC"],
    ["metrics.odd ASC"],
    ["metrics.`odd` desc"],
    ["params.depth DESC"],
    ["tags.quote"],
    ["tags.quote DESC", "params.depth"],
    ["start_time"],
    ["start_time ASC", "run_name DESC"],
    ["attributes.start_time DESC", "attributes.run_name"],
    ["attribute.end_time DESC"],
    ["run_name"],
    ["status", "params.depth"],
    ["created", "params.depth"],
    ["end_time"],
    ["user_id DESC", "params.depth"],
    ["metrics.never", "params.depth"],
    ["datasets.name"],
    ["nope"],
    ["metrics.odd SIDEWAYS"],
    ["metrics.odd, params.depth"],
    [""],
    ["metrics.odd ASC NULLS LAST"],
    ["duration"],
]
for order in ORDERS:
    step(f"by {order}", names, "", order_by=order)


def pages(size, **named):
    token, sizes, found = None, [], []
    while True:
        page = client.search_runs([one], max_results=size, page_token=token, **named)
        sizes.append(len(page))
        found += [run.info.run_name for run in page]
        token = page.token
        if not token:
            return [sizes, found]


for size in (1, 2, 3, 5, 6, 7):
    step(f"pages of {size}", pages, size, order_by=["params.depth"])
step("pages of a filter", pages, 2, filter_string="metrics.loss < 0.6", order_by=["metrics.odd"])
for bad in (0, -1, 50001):
    step(f"at most {bad}", client.search_runs, [one], max_results=bad)
step("bad token", client.search_runs, [one], page_token="nonsense")
step("no experiments", client.search_runs, [])
step("unknown experiment", client.search_runs, ["987654"])
step("experiment in words", client.search_runs, ["abc"])

frame = mlflow.search_runs([one], order_by=["params.depth"])
step("as a table", lambda: frame.drop(columns=["experiment_id", "artifact_uri"]))
step(
    "as a list",
    lambda: [
        run.info.run_name
        for run in mlflow.search_runs([one], output_format="list", order_by=["run_name"])
    ],
)
step(
    "of names",
    lambda: list(
        mlflow.search_runs(experiment_names=[f"{PREFIX}-search", "nobody"], order_by=["run_name"])[
            "params.depth"
        ]
    ),
)
step("of no name", lambda: len(mlflow.search_runs(experiment_names=["nobody"])))
step("ids and names", mlflow.search_runs, experiment_ids=[one], experiment_names=["x"])
