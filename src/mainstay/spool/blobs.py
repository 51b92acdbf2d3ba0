"""Files that wait in a segment: is what waits there still what was put there."""

from __future__ import annotations

import re
from pathlib import Path

from mainstay.entities.spool import UploadArtifact
from mainstay.spool.segment import Segment

NAME = re.compile(r"[0-9a-f]{32}")


def fault(segment: Segment, record: UploadArtifact, *, look_inside: bool) -> str | None:
    """Say why a waiting file must not be uploaded; None if nothing speaks against it.

    ``look_inside`` compares its content with the record's digest; a damaged copy is set aside.
    """
    blob = segment.blob(record.blob)
    if not NAME.fullmatch(record.blob) or blob.is_symlink():
        # A spool may come from elsewhere: it must not name files of this machine.
        return f"{record.path} was not uploaded: what is named is no file of the spool"
    if not (look_inside and record.sha256 and blob.exists()) or _sha256(blob) == record.sha256:
        return None
    kept = segment.set_aside(blob)
    return f"the spooled copy of {record.path} is damaged and was not uploaded; kept in {kept}"


def _sha256(path: Path) -> str:
    import hashlib  # loads OpenSSL: where a file is looked at

    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()
