"""Uploads in parts that a client sends to S3 itself: each part has a signed URL.

obstore signs whole objects only; a part's URL is signed by botocore, the library under the AWS
command line (see docs/decisions). It is an extra, and loads when the first such upload begins.
Source of the protocol: Amazon S3 API reference, CreateMultipartUpload and UploadPart.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from mainstay.artifact_store import paths
from mainstay.errors import BadInput, NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import S3Store

MOST_PARTS = 10_000
"""S3's own limit."""

SECONDS = 12 * 3600
"""How long URLs of parts are good for; temporary credentials may end sooner."""

_CALLERS = ("InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML")


class Part(msgspec.Struct, frozen=True):
    """A part that was stored, as the store named it."""

    number: int
    etag: str


class S3Parts:
    """Begins, completes and aborts uploads in parts below the prefix of an obstore store."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def create(self, path: str, count: int) -> tuple[str, list[str]]:
        """Return the id of a new upload and a URL a part. Raises: BadInput, Unavailable."""
        if not 1 <= count <= MOST_PARTS:
            raise BadInput(f"num_parts must be 1 to {MOST_PARTS}, not {count}")
        where = self._where(path)
        with _translated(path):
            upload = str(self._client.create_multipart_upload(**where)["UploadId"])
            urls = [
                str(
                    self._client.generate_presigned_url(
                        "upload_part",
                        Params={**where, "UploadId": upload, "PartNumber": number},
                        ExpiresIn=SECONDS,
                    )
                )
                for number in range(1, count + 1)
            ]
        return upload, urls

    def complete(self, path: str, upload: str, parts: Sequence[Part]) -> None:
        """Make the object of its parts. Raises: BadInput (parts), NotFound (no such upload)."""
        listed = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        with _translated(path):
            self._client.complete_multipart_upload(
                **self._where(path), UploadId=upload, MultipartUpload={"Parts": listed}
            )

    def abort(self, path: str, upload: str) -> None:
        """Drop an upload and its parts. Raises: NotFound."""
        with _translated(path):
            self._client.abort_multipart_upload(**self._where(path), UploadId=upload)

    def clear(self, *, before: float) -> int:
        """Drop uploads that were begun before that time (seconds since 1970); return how many."""
        bucket, prefix = self._store.config["bucket"], self._prefix
        dropped = 0
        with _translated(""):
            pages = self._client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=bucket, Prefix=prefix):
                for one in page.get("Uploads", []):
                    if one["Initiated"].timestamp() < before:
                        self._client.abort_multipart_upload(
                            Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"]
                        )
                        dropped += 1
        return dropped

    def _where(self, path: str) -> dict[str, str]:
        path = paths.clean(path)
        if not path:
            raise BadInput("Invalid path: the name of a file is needed, not the root")
        return {"Bucket": self._store.config["bucket"], "Key": self._prefix + path}

    @property
    def _prefix(self) -> str:
        return f"{self._store.prefix}/" if self._store.prefix else ""

    @cached_property
    def _client(self) -> Any:
        """Return a client that signs as the store does. Raises: Unavailable (no credentials)."""
        from botocore.config import Config
        from botocore.session import Session

        known = self._store.config
        # The variable of all other tools; botocore knows AWS_DEFAULT_REGION alone.
        session = Session(session_vars={"region": ("region", "AWS_REGION", None, None)})
        region = known.get("region") or session.get_config_variable("region")
        endpoint = known.get("endpoint")
        style = "path" if endpoint else "auto"
        return Session().create_client(
            "s3",
            region_name=region or Session().get_config_variable("region") or "us-east-1",
            endpoint_url=endpoint,
            aws_access_key_id=known.get("access_key_id"),
            aws_secret_access_key=known.get("secret_access_key"),
            aws_session_token=known.get("session_token"),
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": style},
                # Parts are sent by clients that add no checksum of their own.
                request_checksum_calculation="when_required",
                retries={"max_attempts": 4, "mode": "standard"},
            ),
        )


def available() -> bool:
    """Tell whether parts can be signed: botocore is installed."""
    return importlib.util.find_spec("botocore") is not None


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """Turn what botocore says into our errors."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "NoSuchUpload":
            raise NotFound(f"no such upload of {path!r} is under way") from None
        if code in _CALLERS:
            raise BadInput(
                f"the parts of {path!r} are not those that were stored: {code}"
            ) from None
        raise Unavailable(f"the artifact store refused an upload in parts: {code}") from error
    except BotoCoreError as error:
        raise Unavailable(f"the artifact store did not answer as it should: {error}") from error
