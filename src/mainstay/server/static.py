"""The built web UI: its one page, its files, and redirects from plain addresses of pages."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import quote

from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from mainstay.artifact_store import paths
from mainstay.errors import BadInput
from mainstay.server.hardening import PAGE_POLICY

FOLDER = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"

PAGES = ("experiments", "runs", "compare", "models", "approvals", "deployments", "audit")
"""The UI routes behind ``#``; these addresses without it lead there."""

NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>mainstay</title>
<h1>The server runs; its web UI is not built.</h1>
<p>The API answers. A wheel of mainstay holds the UI; in a source tree build it with
<code>make ui</code> (needs Node.js 20 or newer) and reload this page.</p></html>"""

mimetypes.add_type("text/javascript", ".js")


def serve(
    path: str, method: str, *, prefix: str = "", accept: str = "", folder: Path = FOLDER
) -> Response | None:
    """Return the file at ``path``, a redirect to the UI's page of that name, or None.

    ``prefix`` is what the server is published under; ``accept`` the request's Accept-Encoding.
    """
    if method not in ("GET", "HEAD"):
        return None
    name = path.strip("/")
    if name in ("", "index.html"):
        return _front(folder)
    if name.partition("/")[0] in PAGES:
        return RedirectResponse(f"{prefix}/#/{quote(name)}", status_code=302)
    try:
        wanted = folder / paths.clean(name)
    except BadInput:
        return None
    if wanted.is_file() and wanted.resolve().is_relative_to(folder.resolve()):
        return _file(wanted, accept, hashed=wanted.parent == folder / "assets")
    return None


def _file(wanted: Path, accept: str, *, hashed: bool) -> Response:
    # Files under ``assets`` carry a hash in their names and never change.
    headers = {"Cache-Control": FOREVER if hashed else "no-cache", "Vary": "Accept-Encoding"}
    packed = wanted.with_name(f"{wanted.name}.gz")
    if "gzip" in accept and packed.is_file():
        kind = mimetypes.guess_type(wanted.name)[0]
        return FileResponse(
            packed, media_type=kind, headers={**headers, "Content-Encoding": "gzip"}
        )
    return FileResponse(wanted, headers=headers)


def _front(folder: Path) -> Response:
    page = folder / "index.html"
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}
    if page.is_file():
        return FileResponse(page, media_type="text/html", headers=headers)
    return HTMLResponse(NOT_BUILT, headers=headers)
