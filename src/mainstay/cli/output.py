"""How commands speak: a table for people, JSON for scripts."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

Record = TypeVar("Record")

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file; default: screen.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def print_json(value: Any, output: Path | None = None) -> None:
    """Print any record as JSON, or write it to a file; NaN and ±Inf are written as text."""
    text = msgspec.json.format(msgspec.json.encode(_plain(value)), indent=2).decode()
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n")


def print_csv(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], output: Path | None = None
) -> None:
    """Print rows as CSV under column heads, or write them to a file."""
    with output.open("w", newline="") if output else click.open_file("-", "w") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)


def print_export(
    found: Sequence[Record],
    as_rows: Callable[[Sequence[Record]], tuple[list[str], list[list[object]]]],
    output: Path | None,
    *,
    as_json: bool,
    noun: str,
) -> None:
    """Print records as JSON or CSV, or write them to a file and say how many there were."""
    if as_json:
        print_json(found, output)
    else:
        print_csv(*as_rows(found), output)
    if output:
        click.echo(f"{len(found)} {noun}(s) written to {output}", err=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "") -> None:
    """Print rows under column heads, fitted to the terminal; plain text when piped."""
    from rich.console import Console
    from rich.table import Table

    wide = None if sys.stdout.isatty() else 200
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(width=wide).print(table)


def _plain(value: Any) -> Any:
    """Turn records into built-in values, floats that JSON lacks into text."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "NaN" if value != value else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value
