"""``mainstay promote``, ``approve``, ``reject``, ``rollback``, ``gate`` and ``audit``."""

from __future__ import annotations

from mainstay.cli.audit import audit
from mainstay.cli.gates import gate
from mainstay.cli.moves import approve, promote, reject, rollback

__all__ = ["approve", "audit", "gate", "promote", "reject", "rollback"]
