"""Make docs/api.md from the table of endpoints: ``python -m tests.support.api_page``."""

from __future__ import annotations

from itertools import groupby

from mainstay.wire.endpoint import Endpoint
from mainstay.wire.endpoints import TABLE
from tests.support.parts import PROJECT

PAGE = PROJECT / "docs" / "api.md"
HEAD = """# The REST API

Every row of the server's one table of endpoints: it drives the routes, our own client, who may call
what, and the OpenAPI document that a server gives at `/openapi.json`. This page is made from it by
`just api`; a test holds the two together.

Paths under `/api/2.0/mlflow` are MLflow's and answer under `/ajax-api/2.0/mlflow` too; those under
`/api/mainstay/1.0` are ours. "Action" is what a role must be granted: viewers read, contributors
write, maintainers manage (aliases, gates), admins administer; `public` needs no login.
"""


def page() -> str:
    """Return the page as it must be."""
    parts = [HEAD]
    for noun, rows in groupby(TABLE, key=lambda row: row.name.partition(".")[0]):
        parts.append(f"## {noun.replace('_', ' ').capitalize()}\n")
        parts.append("| method | path | action | on |\n|---|---|---|---|")
        parts.extend(_row(row) for row in rows)
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _row(row: Endpoint) -> str:
    methods = ", ".join(row.methods)
    kind = row.permission.kind.value.replace("_", " ")
    return f"| {methods} | `{row.path}` | {row.permission.action.value} | {kind} |"


if __name__ == "__main__":
    PAGE.write_text(page())
