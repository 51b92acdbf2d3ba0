"""Long JSON for the UI goes out compressed: a page of runs is a quarter of a megabyte of it.

Only at the UI's door (``/ajax-api``), and where the browser accepts it: programs sit near their
server and would wait for the packing. Nothing here is secret beside what a caller wrote itself, and
no answer has an ETag, so that one compressed and one plain answer need no two names.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from starlette.responses import Response

DOOR = "/ajax-api/"
LEAST = 4 << 10
"""Bytes below which an answer fits a few packets anyway."""

LEVEL = 1
"""The quickest: of a page of runs it leaves a fifth in 1.3 ms, the slowest an eighth in 13."""

_GZIP = 31
"""zlib's name for a window of 32 KiB and gzip's frame."""


def accepts(headers: Mapping[str, str]) -> bool:
    """Tell whether a caller takes gzip (RFC 9110, 12.5.3; a quality of 0 is a refusal)."""
    for offer in headers.get("accept-encoding", "").lower().split(","):
        name, _, rest = offer.partition(";")
        if name.strip() in ("gzip", "x-gzip"):
            return not _refuses(rest)
    return False


def packed(response: Response, path: str, headers: Mapping[str, str]) -> Response:
    """Return an answer as it goes out to ``path``: compressed if that is of use and wanted."""
    whole = type(response) is Response  # files are of other types, and go as they are kept
    if not whole or not path.startswith(DOOR) or response.media_type != "application/json":
        return response
    response.headers["Vary"] = "Accept-Encoding"
    if len(response.body) < LEAST or not accepts(headers):
        return response
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    content = packer.compress(response.body) + packer.flush()
    return Response(
        content,
        status_code=response.status_code,
        headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
        media_type=response.media_type,
    )


def _refuses(parameters: str) -> bool:
    name, _, quality = parameters.partition("=")
    try:
        return name.strip() == "q" and float(quality) == 0.0
    except ValueError:
        return False
