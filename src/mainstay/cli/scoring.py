"""``mainstay score``: score a file with a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mainstay.cli.output import json_option, print_json

_FILE = click.Path(path_type=Path)


@click.command("score")
@click.option("-m", "--model-uri", required=True, help="models:/NAME@ALIAS, a path, …")
@click.option("-i", "--input-path", required=True, type=_FILE, help="Rows: .parquet or .csv.")
@click.option(
    "-o", "--output-path", required=True, type=_FILE, help="Scores: .parquet, .csv or .jsonl."
)
@click.option(
    "--input-format", type=click.Choice(["parquet", "csv"]), help="Else told by the name."
)
@click.option(
    "--format", "output_format", type=click.Choice(["parquet", "csv", "json"]), help="Likewise."
)
@click.option("--batch-size", default=20_000, show_default=True, type=click.IntRange(1))
@click.option("--keep", multiple=True, help="An input column to write beside the scores; repeat.")
@click.option(
    "--rejects", type=_FILE, help="Where rows go that cannot be scored; else they end the job."
)
@click.option("--trust", is_flag=True, help="Load a model that runs code, wherever it is from.")
@json_option
def score(
    model_uri: str,
    input_path: Path,
    output_path: Path,
    input_format: Any,
    output_format: Any,
    batch_size: int,
    keep: tuple[str, ...],
    rejects: Path | None,
    trust: bool,
    as_json: bool,
) -> None:
    """Score the rows of a file; the output appears when it is complete.

    Rows pass the same checks, and get the same predictions to the last bit, as on /invocations.
    """
    from mainstay.connect import connect
    from mainstay.scoring.batch import Job
    from mainstay.scoring.run import run

    stores = connect()
    try:
        done = run(
            model_uri,
            stores,
            Job(
                source=input_path,
                destination=output_path,
                source_format=input_format,
                format=output_format,
                batch_size=batch_size,
                keep=keep,
                rejects=rejects,
            ),
            trust=True if trust else None,
        )
    finally:
        stores.close()
    if as_json:
        print_json(done)
        return
    took = f"in {done.seconds:.1f} s"
    click.echo(f"{done.rows} rows scored with {done.model} to {output_path} {took}")
    if done.rejected:
        click.echo(f"{done.rejected} rows were rejected; {rejects} says why", err=True)
