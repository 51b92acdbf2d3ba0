"""What the caller calls a value: the name that a metric after the training is logged under."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

UNKNOWN = "unknown_dataset"


def name_of(value: Any, *libraries: str) -> str:
    """Return the variable that holds ``value`` where the libraries were called from.

    ``libraries`` are top-level modules whose frames are passed over, ``sklearn`` say.
    """
    ours = ("mainstay.autolog", *(f"{library}." for library in libraries))
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(ours):
        frame = frame.f_back
    if frame is None:
        return UNKNOWN
    for names in (frame.f_locals, frame.f_globals):
        for name, held in names.items():
            if held is value and name.isidentifier():
                return name
    return UNKNOWN
