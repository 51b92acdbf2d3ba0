"""The stores of a server; gates, digests and accounts are its own business."""

from __future__ import annotations

from urllib.parse import urlsplit

from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.proxy import ProxyStore
from mainstay.connect.roots import Roots
from mainstay.connect.stores import Stores
from mainstay.stores.http import (
    HttpClient,
    HttpMonitoring,
    HttpRegistry,
    HttpRelease,
    HttpRetention,
    HttpStandards,
    HttpTracking,
    HttpWebhooks,
)


def at_server(uri: str) -> Stores:
    """Return the stores of the server at ``uri``; nothing is sent yet. Raises: BadInput."""
    client = HttpClient(uri)
    tracking, registry = HttpTracking(client), HttpRegistry(client)

    def proxied(path: str, host: str) -> ArtifactStore:
        if host and host != urlsplit(client.uri).netloc:
            # Another server's files: ours must not get to see who we are there.
            return ProxyStore(f"{urlsplit(client.uri).scheme}://{host}", path)
        return ProxyStore(client.uri, path, headers=client.headers, pool=client.pool())

    return Stores(
        uri=client.uri,
        registry_uri=client.uri,
        tracking=tracking,
        registry=registry,
        release=HttpRelease(client),
        monitoring=HttpMonitoring(client),
        accounts=None,
        webhooks=HttpWebhooks(client),
        standards=HttpStandards(client),
        retention=HttpRetention(client),
        roots=Roots(tracking=tracking, registry=registry, proxied=proxied, registered=proxied),
        _closing=[client.close],
    )
