"""How long an experiment keeps what nobody needs, and how much it holds."""

from __future__ import annotations

import msgspec

KEEP_TAG = "mainstay.keep"
"""A run with this tag, whatever its value, never goes by a retention rule."""


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """The rule of an experiment, applied by ``mainstay gc``. None keeps without end.

    All numbers are days. ``deleted`` is how long what was deleted can be restored. ``unregistered``
    is how long after its end a run stays that no version needs; it is deleted then, and can be
    restored for ``deleted`` days more. ``files`` is how long its files stay, while the run itself
    does.
    """

    experiment_id: str
    deleted: float | None = None
    unregistered: float | None = None
    files: float | None = None
    principal: str = ""
    at: int = 0


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What an experiment holds.

    ``runs`` and ``models`` count deleted ones too, ``deleted_runs`` only those. ``metric_bytes``
    are those of the encoded history. ``files`` and ``file_bytes`` are None where clients write to
    their own place, which the server does not see.
    """

    experiment_id: str
    name: str
    lifecycle_stage: str
    runs: int
    deleted_runs: int
    models: int
    points: int
    metric_bytes: int
    files: int | None
    file_bytes: int | None
