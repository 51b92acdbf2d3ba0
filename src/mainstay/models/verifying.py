"""Check a packaged model for real: its files, its load, and its answers to its own example."""

from __future__ import annotations

import math
import resource
import sys
import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from mainstay.models import examples, loading
from mainstay.models.sources import ModelStores
from mainstay.models.trust import Trust
from mainstay.packaging import manifest

Outcome = Literal["equal", "differs", "not recorded", "no example"]

RELATIVE = 1e-6
"""How far two floats may be apart, relative to the larger one, and still be the same answer."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. Sizes are bytes, times seconds.

    ``example``: whether the answers to the input example are those recorded when it was saved.
    ``memory`` is what this process's peak grew by while the model was loaded and asked.
    """

    model: str
    digest: str
    digest_recorded: bool
    files: int
    size: int
    load_seconds: float
    predict_seconds: float | None
    memory: int
    example: Outcome
    message: str = ""
    signature: bool = False

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong; without a recorded answer there is nothing to compare."""
        return self.example != "differs"


def verify(uri: str, *, trust: Trust = None, stores: ModelStores | None = None) -> Verification:
    """Fetch, hash, load and ask the model at ``uri``.

    Raises:
        NotFound, BadInput, UntrustedModel: as ``load_model``.
        InvalidModel: the files are not the recorded ones, or do not load.
        SchemaMismatch: its example does not fit its own signature.
    """
    opened = loading.open_model(uri, stores=stores)
    resolved = opened.resolved
    # Hashed anew: a cached copy may have been damaged since it was fetched.
    entries = manifest.verify(opened.folder, resolved.digest)
    before, start = _peak(), time.perf_counter()
    model = loading.load_model(uri, trust=trust, stores=stores)
    loaded = time.perf_counter() - start
    example = examples.read(opened.folder, opened.metadata)
    outcome: Outcome = "no example"
    message, asked = "", None
    if example is not None:
        start = time.perf_counter()
        answers = examples.plain(model.predict(example.data, example.params))
        asked = time.perf_counter() - start
        outcome, message = _compare(opened.folder, answers)
    return Verification(
        model=str(resolved),
        digest=manifest.digest(entries),
        digest_recorded=resolved.digest is not None,
        files=len(entries),
        size=sum(entry.size for entry in entries),
        load_seconds=loaded,
        predict_seconds=asked,
        memory=max(_peak() - before, 0),
        example=outcome,
        message=message,
        signature=model.signature is not None,
    )


def _compare(folder: Path, answers: Any) -> tuple[Outcome, str]:
    try:
        content = (folder / examples.EXPECTED_FILE).read_bytes()
    except FileNotFoundError:
        return "not recorded", "the model was saved without its answers to the example"
    expected = msgspec.json.decode(content)["predictions"]
    place = difference(expected, answers)
    if place is None:
        return "equal", ""
    return "differs", f"the answer at {place} is not the one recorded when the model was saved"


def difference(expected: Any, found: Any, place: str = "predictions") -> str | None:
    """Return where two JSON values differ first; None where they are the same answer.

    >>> difference([1.0, 2.0], [1.0, 2.0000001]) is None
    True
    >>> difference([{"p": 1}], [{"p": 2}])
    'predictions[0].p'
    """
    if isinstance(expected, bool) or isinstance(found, bool):
        return None if expected is found else place
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return None if math.isclose(expected, found, rel_tol=RELATIVE, abs_tol=1e-12) else place
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return place
        pairs: Any = enumerate(zip(expected, found, strict=True))
        steps = ((f"{place}[{at}]", *pair) for at, pair in pairs)
    elif isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            return place
        steps = ((f"{place}.{key}", expected[key], found[key]) for key in expected)
    else:
        return None if expected == found else place
    return next((at for name, a, b in steps if (at := difference(a, b, name))), None)


def _peak() -> int:
    """Return the most memory that this process ever held, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
