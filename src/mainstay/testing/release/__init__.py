"""The contract of release stores as tests: subclass it, and give the fixtures.

``store`` is the release store, ``registry`` the registry beside it, and ``second`` a release store
through which another, authenticated person speaks (by default the same store). Every test uses a
model name of its own, so that one store may serve all of them.
"""

from mainstay.testing.release.approvals import ApprovalsContract
from mainstay.testing.release.moves import MovesContract
from mainstay.testing.release.records import RecordsContract
from mainstay.testing.release.trail import TrailContract


class ReleaseContract(RecordsContract, ApprovalsContract, MovesContract, TrailContract):
    """All of it."""


__all__ = [
    "ApprovalsContract",
    "MovesContract",
    "RecordsContract",
    "ReleaseContract",
    "TrailContract",
]
