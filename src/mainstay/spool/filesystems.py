"""Which file systems lie on another machine: SQLite's locks cannot be relied on there."""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")

NETWORKED = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "lustre", "gpfs", "beegfs"),
        *("glusterfs", "ocfs2", "gfs2", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph"),
        *("fuse.s3fs", "fuse.gcsfuse", "fuse.goofys", "fuse.rclone", "fuse.juicefs"),
    )
)
"""Types as Linux names them."""


def networked(path: str | os.PathLike[str], mounts: Path | None = None) -> str | None:
    """Return the type of the network file system that a path lies on; None if it is local.

    Where the system has no table of mounts (macOS, Windows), everything counts as local.
    """
    try:
        table = (mounts or MOUNTS).read_text()
    except OSError:
        return None
    real = os.path.realpath(path)
    found, kind = "", None
    for line in table.splitlines():
        _, place, type_, *_ = line.split(" ")
        place = place.replace("\\040", " ")
        below = real == place or real.startswith(place.rstrip("/") + "/")
        if below and len(place) >= len(found):  # of two at one place, the later one is seen
            found, kind = place, type_
    return kind if kind in NETWORKED else None
