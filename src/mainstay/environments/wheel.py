"""Pack the running ``mainstay`` into a wheel, since no index may hold it.

Works from an installed copy and from an editable one; nothing is compiled or downloaded.
Source of the format: the binary distribution format of the Python packaging specifications.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib import metadata
from pathlib import Path

import mainstay
from mainstay.errors import MainstayError

_SKIPPED = frozenset({"__pycache__", "node_modules"})
_WHEEL = b"Wheel-Version: 1.0\nGenerator: mainstay\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def build(folder: Path) -> Path:
    """Write the wheel into ``folder`` and return its path; the same code gives the same bytes.

    Raises:
        MainstayError: the running copy has no metadata (it was not installed).
    """
    try:
        distribution = metadata.distribution("mainstay")
    except metadata.PackageNotFoundError as error:
        raise MainstayError(
            "this copy of mainstay is not installed, so it cannot go into an environment; "
            "install it with pip"
        ) from error
    info = f"mainstay-{distribution.version}.dist-info"
    files = {
        f"mainstay/{path.relative_to(_root()).as_posix()}": path.read_bytes() for path in sources()
    }
    files[f"{info}/METADATA"] = (distribution.read_text("METADATA") or "").encode()
    files[f"{info}/WHEEL"] = _WHEEL
    files[f"{info}/entry_points.txt"] = (distribution.read_text("entry_points.txt") or "").encode()
    rows = [f"{name},{_hash(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"mainstay-{distribution.version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return target


def fingerprint() -> str:
    """Return a short digest of the running package's files."""
    state = hashlib.sha256()
    for path in sources():
        state.update(path.relative_to(_root()).as_posix().encode() + b"\0")
        state.update(path.read_bytes())
    return state.hexdigest()[:16]


def sources() -> list[Path]:
    """Return the files of the running package, sorted."""
    return sorted(
        path
        for path in _root().rglob("*")
        if path.is_file() and not _SKIPPED.intersection(path.parts) and path.suffix != ".pyc"
    )


def _root() -> Path:
    return Path(mainstay.__file__).resolve().parent


def _hash(content: bytes) -> str:
    text = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"sha256={text}"
