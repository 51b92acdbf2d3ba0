"""``mainstay evaluate``: measure a model version and keep the evidence."""

from __future__ import annotations

from typing import Any

import click

from mainstay.cli.output import json_option, print_json, print_table
from mainstay.evaluation.evaluator import DEFAULT_MEASURES
from mainstay.evaluation.evaluator import evaluate as run
from mainstay.evaluation.result import EvaluationResult


@click.command()
@click.option("-m", "--model-uri", required=True, help="The model, such as models:/churn/2.")
@click.option("--data", required=True, help="A Parquet, CSV or JSON file of rows.")
@click.option("--targets", required=True, help="The column that holds what is true.")
@click.option("--baseline", help="The champion, measured on the same rows: models:/churn@champion.")
@click.option(
    "--measures",
    default=",".join(DEFAULT_MEASURES),
    show_default=True,
    help="What to measure, separated by commas.",
)
@click.option(
    "--model-type",
    type=click.Choice(["classifier", "regressor"]),
    help="What the model is; told from the targets if left out.",
)
@click.option(
    "--calls", type=click.IntRange(200, 100_000), default=200, help="Calls that latency times."
)
@json_option
def evaluate(
    model_uri: str,
    data: str,
    targets: str,
    baseline: str | None,
    measures: str,
    model_type: Any,
    calls: int,
    as_json: bool,
) -> None:
    """Measure a model on rows with known targets, beside the champion; gates read the evidence."""
    result = run(
        model_uri,
        data,
        targets,
        baseline=baseline,
        measures=[name.strip() for name in measures.split(",") if name.strip()],
        model_type=model_type,
        calls=calls,
    )
    if as_json:
        print_json(result)
        return
    _print(result, baseline)


def _print(result: EvaluationResult, baseline: str | None) -> None:
    beside = result.baseline_version is not None
    rows = []
    for item in result.evidence:
        champion = item.values.get("baseline", {})
        for key, value in item.values.items():
            if key == "baseline":
                continue
            row = [item.kind, key, _text(value)]
            rows.append([*row, _text(champion.get(key))] if beside else row)
    heads = ["measure", "what", "value"]
    print_table([*heads, f"champion v{result.baseline_version}"] if beside else heads, rows)
    if baseline is not None and not beside:
        click.echo(f"No other version is {baseline}, so there was nothing to compare with.")
    kept = "The evidence is recorded." if result.recorded else "Not a registered version: not kept."
    click.echo(kept)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        named = [str(column["name"]) for column in value if column.get("name")]
        count = f"{len(value)} column{'' if len(value) == 1 else 's'}"
        return f"{count}: {', '.join(named)}" if 0 < len(named) <= 5 else count
    return "" if value is None else str(value)
