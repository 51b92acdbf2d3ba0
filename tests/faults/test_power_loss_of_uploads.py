"""Power cuts while an upload in pieces becomes a file: it is there whole, or not at all."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from mainstay.artifact_store.local import LocalFolder
from mainstay.artifact_store.unfinished import LocalUnfinished
from tests.faults.power import Disk
from tests.faults.test_power_loss import content, visible

KEY = "0123456789abcdef" * 2


@pytest.mark.parametrize("seed", range(10))
def test_a_cut_at_any_flush_shows_the_old_file_or_all_of_the_new_one(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    disk = Disk(tmp_path / "disk")
    disk.root.mkdir()
    uploads = LocalUnfinished(LocalFolder(disk.root / "deep" / "mainstay-artifacts"))
    cuts, answered = 0, b""
    body = content(0)

    def cut() -> None:
        nonlocal cuts
        cuts += 1
        left = disk.cut(tmp_path / f"cut-{cuts}", None if cuts % 3 == 0 else chance)
        shown = visible(left / "deep" / "mainstay-artifacts")
        assert set(shown) <= {"0/run/model.bin"}
        assert shown.get("0/run/model.bin", b"") in (answered, body)

    with disk.watch(cut):
        for number in range(3):
            body = content(number)
            uploads.append(KEY, 0, [body[:4000]])
            uploads.append(KEY, 4000, [body[4000:]])
            sha256 = hashlib.sha256(body).hexdigest()
            uploads.finish(KEY, "0/run/model.bin", size=len(body), sha256=sha256)
            answered = body
            cut()
    assert cuts > 12
