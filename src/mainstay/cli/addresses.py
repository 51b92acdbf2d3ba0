"""The addresses that commands on a database take: which one, and where its files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mainstay import settings
from mainstay.errors import BadInput

if TYPE_CHECKING:
    from mainstay.artifact_store.base import ArtifactStore

DEFAULT = "sqlite:///mainstay.db"

destination_option = click.option(
    "--artifacts-destination",
    metavar="URI",
    help="Where the server keeps files. Default: the folder mainstay-artifacts beside the file.",
)


def database_uri(given: str | None) -> str:
    """Return the address of a database: given, else the setting, else the default.

    Raises: BadInput for a server's address.
    """
    chosen = given or settings.TRACKING_URI.get() or settings.BACKEND_STORE_URI.get() or DEFAULT
    if chosen.startswith(("http:", "https:")):
        raise BadInput(
            f"{chosen} is a server; run this where the server runs and give its database, "
            f"for example {DEFAULT}"
        )
    return chosen


def files_of(uri: str, given: str | None) -> ArtifactStore:
    """Return the store of the files of a database. Raises: BadInput if nobody says where it is."""
    from mainstay.artifact_store.object import open_store
    from mainstay.connect.database import FOLDER
    from mainstay.stores.sql import driver
    from mainstay.stores.sql.database import find_path

    destination = given or settings.ARTIFACTS_DESTINATION.get()
    if destination is None:
        url = driver.parse(uri)
        path = find_path(url) if url.drivername == "sqlite" else None
        if path is None:
            raise BadInput(
                "say where the server keeps its files: --artifacts-destination, or "
                "MAINSTAY_ARTIFACTS_DESTINATION"
            )
        destination = str(path.parent / FOLDER)
    return open_store(destination)
