"""The choice: which stores an address means. Each kind is imported when it is chosen."""

from __future__ import annotations

from collections.abc import Callable

from mainstay import settings
from mainstay.connect.address import DEFAULT_URI, kind_of
from mainstay.connect.roots import Roots
from mainstay.connect.stores import Stores


def connect(
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
    *,
    artifacts_destination: str | None = None,
) -> Stores:
    """Return the stores at an address: ``sqlite:///file.db``, ``postgresql://…``, ``http://…``.

    Left out, the addresses are the settings ``TRACKING_URI`` (else ``sqlite:///mainstay.db``) and
    ``REGISTRY_URI`` (else the tracking address). ``artifacts_destination`` is where
    ``mlflow-artifacts:/`` is kept in front of a database; left out, the setting of that name, else
    ``mainstay-artifacts`` beside the SQLite file. Aliases move through their gates only.

    Raises:
        BadInput: an address that nothing answers to. Unavailable: the database is away.
        DatabaseMismatch: it belongs to another version of mainstay.
    """
    uri = tracking_uri or settings.TRACKING_URI.get() or DEFAULT_URI
    other = registry_uri or settings.REGISTRY_URI.get() or uri
    kinds = kind_of(uri), kind_of(other)
    home = _sides(uri, kinds[0], artifacts_destination)
    if other == uri:
        return _tie(home, home, [home.close])
    try:
        away = _sides(other, kinds[1], artifacts_destination)
    except BaseException:
        home.close()
        raise
    return _tie(home, away, [home.close, away.close])


def _sides(uri: str, kind: str, artifacts_destination: str | None) -> Stores:
    """Return all stores of one address."""
    if kind == "http":
        from mainstay.connect.server import at_server

        return at_server(uri)
    from mainstay.connect.database import at_database

    return at_database(uri, artifacts_destination or settings.ARTIFACTS_DESTINATION.get())


def _tie(home: Stores, away: Stores, closing: list[Callable[[], None]]) -> Stores:
    """Return the tracking of one address with the registry of another."""
    roots = Roots(
        tracking=home.tracking,
        registry=away.registry,
        proxied=home.roots.proxied,
        registered=away.roots.proxied,
    )
    return Stores(
        uri=home.uri,
        registry_uri=away.uri,
        tracking=home.tracking,
        registry=away.registry,
        release=away.release,
        monitoring=away.monitoring,
        accounts=home.accounts,
        webhooks=away.webhooks,
        standards=home.standards,
        retention=home.retention,
        roots=roots,
        _closing=closing,
    )
