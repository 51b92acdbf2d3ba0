"""The profile packaged with a version: the reference its traffic is judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mainstay.errors import InvalidModel, NotFound
from mainstay.monitoring.served import Served
from mainstay.packaging.profile import FILE, Profile

if TYPE_CHECKING:
    from mainstay.connect import Stores


class References:
    """Profiles by version, read once: the files of a version do not change."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Profile | None] = {}

    def of(self, stores: Stores, served: Served) -> Profile | None:
        """Return the profile of the served version; None if it was packaged without one.

        Raises:
            NotFound: the version is gone. InvalidModel: the profile cannot be read.
        """
        key = (served.name, served.version)
        if key not in self._known:
            self._known[key] = _read(stores, served)
        return self._known[key]


def _read(stores: Stores, served: Served) -> Profile | None:
    uri = f"models:/{served.name}/{served.version}"
    files = stores.artifacts_at(uri)
    try:
        content = b"".join(files.read(FILE))
    except NotFound:
        return None
    try:
        return msgspec.json.decode(content, type=Profile)
    except msgspec.DecodeError as error:
        raise InvalidModel(f"{FILE} of {uri} cannot be read: {error}") from error
