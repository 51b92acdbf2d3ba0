"""Is a history of one register linearizable? The check of Wing and Gong, with memory.

J. M. Wing, C. Gong: Testing and Verifying Concurrent Objects, 1993. An operation whose answer was
lost may have taken effect at any time after it began, or never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

NEVER = float("inf")


@dataclass(frozen=True)
class Operation:
    """One call: when it began and ended, what it asked and what came back.

    ``read``: ``value`` is what was read. ``cas``: set ``value`` if the register holds ``expected``;
    ``outcome`` is "done", "refused" or "unknown". Times are those of one clock.
    """

    kind: Literal["read", "cas"]
    begun: float
    ended: float
    value: int | None
    expected: int | None = None
    outcome: Literal["done", "refused", "unknown"] = "done"

    def after(self, state: int | None) -> tuple[bool, int | None]:
        """Return whether the outcome fits a register holding ``state``, and what it holds then."""
        if self.kind == "read":
            return state == self.value, state
        hit = state == self.expected
        if self.outcome == "unknown":
            return True, self.value if hit else state
        return hit == (self.outcome == "done"), self.value if hit else state


def linearizable(history: Sequence[Operation], initial: int | None = None) -> bool:
    """Tell whether some order explains every answer and keeps to real time.

    >>> linearizable([Operation("cas", 0, 1, value=1), Operation("read", 2, 3, value=1)])
    True
    >>> linearizable([Operation("cas", 0, 1, value=1), Operation("read", 2, 3, value=None)])
    False
    """
    operations = sorted(history, key=lambda one: one.begun)
    ends = [NEVER if one.outcome == "unknown" else one.ended for one in operations]
    everything = (1 << len(operations)) - 1
    # Lost answers may never have happened: done when only such are left.
    optional = sum(1 << place for place, end in enumerate(ends) if end == NEVER)
    seen: set[tuple[int, int | None]] = set()
    waiting: list[tuple[int, int | None]] = [(0, initial)]
    while waiting:
        placed, state = waiting.pop()
        if (placed | optional) == everything:
            return True
        if (placed, state) in seen:
            continue
        seen.add((placed, state))
        left = [place for place in range(len(operations)) if not placed >> place & 1]
        first_end = min(ends[place] for place in left)
        for place in left:
            if operations[place].begun > first_end:
                break  # it began after another ended that is not placed yet
            fits, then = operations[place].after(state)
            if fits:
                waiting.append((placed | 1 << place, then))
    return False
