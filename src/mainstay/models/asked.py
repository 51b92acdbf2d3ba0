"""What a cached model's files ask for, remembered by their digest while this process lives.

Finding it out reads every array of a forest, as long as loading it takes. The answer may be
remembered only where the files cannot have changed unseen: in the model cache, whose folders are
named by the digest of their files and were looked at just before (``cache``), and only while the
cache is nobody's but ours. The answer also hangs on the flavor and on the libraries that are
installed, which is why no file keeps it.
"""

from __future__ import annotations

from pathlib import Path

from mainstay.models import cache
from mainstay.models.flavors.base import Flavor
from mainstay.packaging.mlmodel import MLmodel

MOST = 256
"""Models remembered; beyond that the oldest is forgotten."""

_known: dict[tuple[str, str], tuple[Flavor, tuple[str, ...]]] = {}


def of(folder: Path, metadata: MLmodel, flavor: Flavor) -> tuple[str, ...]:
    """Return what loading the files in ``folder`` would run. Raises: as ``Flavor.asks``."""
    digest = cache.digest_of(folder)
    if digest is None:
        return tuple(flavor.asks(folder, metadata))
    key = (digest, flavor.name)
    asked_by, asks = _known.get(key, (None, ()))
    if asked_by is not flavor:  # not asked yet, or another flavor took this one's name
        asks = tuple(flavor.asks(folder, metadata))
        if len(_known) >= MOST:
            _known.pop(next(iter(_known)), None)
        _known[key] = (flavor, asks)
    return asks
