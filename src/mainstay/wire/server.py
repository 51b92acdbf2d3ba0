"""Messages about the server itself."""

from __future__ import annotations

from mainstay.wire.base import Answer, Empty, Message, Own, written

__all__ = ["Empty", "Features", "GetServer", "ServerAnswer", "ServerInfo"]


class GetServer(Own, frozen=True, kw_only=True):
    """Ask what answers here."""


class ServerAnswer(Answer, frozen=True, kw_only=True):
    """The server's name (``mainstay``), version, and what it can do."""

    name: str
    version: str
    features: list[str] = []


class Features(Message, frozen=True, kw_only=True):
    """Features of MLflow's server that are separate products."""

    gateway: bool = written(False)


class ServerInfo(Message, frozen=True, kw_only=True):
    """What stock clients ask before their first download."""

    store_type: str = written("SqlStore")
    workspaces_enabled: bool = written(False)
    trace_archival_enabled: bool = written(False)
    multipart_uploads_enabled: bool = written(False)
    multipart_downloads_enabled: bool = written(False)
    presigned_upload_run_id_supported: bool = written(False)
    presigned_upload_model_id_supported: bool = written(False)
    features_enabled: Features = written(Features())
