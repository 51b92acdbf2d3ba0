"""A database on another machine's disk is not written to by itself: its locks do not hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.client import Client
from mainstay.spool.filesystems import networked

MOUNTS = """\
sysfs /sys sysfs rw 0 0
/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/vdb /home/me/disk xfs rw 0 0
//box/my\\040share /mnt/my\\040share cifs rw 0 0
sshfs /mnt/far fuse.sshfs rw 0 0
/dev/vdc /mnt/far ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/runs.db", "nfs4"),
        ("/home", "nfs4"),
        ("/homes/runs.db", None),
        ("/home/me/disk/runs.db", None),
        ("/mnt/my share/runs.db", "cifs"),
        ("/mnt/far/runs.db", None),
        ("/runs.db", None),
    ],
)
def test_the_innermost_and_latest_mount_says_where_a_path_lies(
    tmp_path: Path, path: str, kind: str | None
) -> None:
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    assert networked(path, table) == kind


def test_a_link_lies_where_it_leads_and_without_a_table_everything_is_local(tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    (tmp_path / "runs.db").symlink_to("/home/me/runs.db")
    assert networked(tmp_path / "runs.db", table) == "nfs4"
    assert networked("/home/me/runs.db", tmp_path / "none") is None


TRAIN = """
import sys
from pathlib import Path
from mainstay.spool import filesystems
filesystems.MOUNTS = Path(sys.argv[1])
import mainstay
with mainstay.start_run() as run:
    for step in range(100):
        mainstay.log_metric("loss", step / 2, step=step)
print(run.info.run_id)
"""


@pytest.mark.parametrize("offline", ["", "0"], ids=["left alone", "told to send"])
def test_a_run_for_a_database_elsewhere_stays_spooled_and_says_how_to_sync(
    tmp_path: Path, offline: str
) -> None:
    """The table of mounts is a file that says of this disk that it is another machine's."""
    table = tmp_path / "mounts"
    table.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {tmp_path} nfs rw 0 0\n")
    uri = f"sqlite:///{tmp_path}/runs.db"
    environment = {
        **os.environ,
        "MAINSTAY_TRACKING_URI": uri,
        "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
        "MAINSTAY_OFFLINE": offline,
        "MAINSTAY_END_WAIT": "60",
    }

    def call(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )

    done = call("-c", TRAIN, str(table))
    if offline:
        assert "network file system" not in done.stderr
    else:
        assert done.stderr.count("network file system (nfs)") == 1
        assert "mainstay sync" in done.stderr
        assert not (tmp_path / "runs.db").exists()
        call("-m", "mainstay", "sync")
    history = Client(uri).get_metric_history(done.stdout.split()[-1], "loss")
    assert [point.step for point in history] == list(range(100))
