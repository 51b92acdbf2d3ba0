"""A model card as Markdown and as a page of HTML."""

from __future__ import annotations

from html import escape

from mainstay.entities.provenance import Card, Table


def markdown(card: Card) -> str:
    """Return the card as Markdown.

    >>> markdown(Card(name="a", version=1, sections=[Section(key="x", title="X", text="y")]))
    '# a, version 1\\n\\n## X\\n\\ny\\n'
    """
    lines = [f"# {_plain(card.name)}, version {card.version}"]
    for part in card.sections:
        lines += ["", f"## {part.title}"]
        if part.editable and not part.text:
            lines += ["", "_Nothing was written yet._"]
        if part.text:
            lines += ["", part.text.strip()]
        if part.table is not None:
            lines += ["", *_table(part.table)]
    return "\n".join(lines) + "\n"


def html(card: Card) -> str:
    """Return the card as a page that needs nothing else; all text is escaped."""
    title = escape(f"{card.name}, version {card.version}")
    body = [f"<h1>{title}</h1>"]
    for part in card.sections:
        body.append(f"<section><h2>{escape(part.title)}</h2>")
        if part.editable and not part.text:
            body.append("<p><em>Nothing was written yet.</em></p>")
        body += [f"<p>{_lines(one)}</p>" for one in part.text.split("\n\n") if one.strip()]
        if part.table is not None:
            heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in part.table.columns)
            rows = "".join(
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
                for row in part.table.rows
            )
            body.append(f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
        body.append("</section>")
    return _PAGE.format(title=title, body="\n".join(body))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid; }}
td {{ overflow-wrap: anywhere; }}
</style></head><body>
{body}
</body></html>
"""  # noqa: E501


def _table(table: Table) -> list[str]:
    return [
        "| " + " | ".join(table.columns) + " |",
        "|" + "---|" * len(table.columns),
        *("| " + " | ".join(_plain(cell) for cell in row) + " |" for row in table.rows),
    ]


def _plain(text: str) -> str:
    """Return text that means itself in a cell of Markdown."""
    for mark in ("\\", "|", "<", "`", "*", "_", "["):
        text = text.replace(mark, "\\" + mark)
    return " ".join(text.split())


def _lines(text: str) -> str:
    return escape(text.strip()).replace("\n", "<br>")
