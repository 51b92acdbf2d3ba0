"""Emit OpenLineage events of new versions and of alias moves, to a file or an HTTP endpoint.

The setting ``OPENLINEAGE`` says where: ``http://host/api/v1/lineage`` or a path, to which a line is
added for each event. Delivered at least once: an endpoint that is away gets them later.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mainstay import uris
from mainstay.entities.events import Event
from mainstay.errors import BadInput, NotFound, Unavailable
from mainstay.provenance import openlineage
from mainstay.server.context import Services

SECONDS = 10.0
KINDS = ("model_version.created", "model_version_alias.created")


class OpenLineage:
    """A subscriber of the outbox that sends what a version was made from, and its releases."""

    name = "openlineage"

    def __init__(self, services: Services, target: str, *, namespace: str = "mainstay") -> None:
        self._services = services
        self._target = target
        self._namespace = namespace
        local = None if target.startswith(("http://", "https://")) else uris.local_path(target)
        if local is None and not target.startswith("http"):
            raise BadInput(
                f"MAINSTAY_OPENLINEAGE={target!r}: write an http(s) address, or the path of a file"
            )
        self._file = local

    def deliver(self, event: Event) -> None:
        """Send what one event means. Raises: Unavailable (the endpoint or the file)."""
        if event.kind not in KINDS or event.data.get("version") is None:
            return
        for made in self._events(event):
            self._send(openlineage.encode(made))

    def _events(self, event: Event) -> Iterator[dict[str, Any]]:
        name, version = str(event.data["name"]), int(event.data["version"])
        try:
            found = list(
                openlineage.of_version(self._services, name, version, namespace=self._namespace)
            )
        except NotFound:  # deleted since
            return
        release = f"release.{name}@{event.data.get('alias')}"
        if event.kind == "model_version.created":
            yield from (one for one in found if not one["job"]["name"].startswith("release."))
        else:
            # The last release of this alias: a repeat sends the same run id again.
            yield from [one for one in found if one["job"]["name"] == release][-1:]

    def _send(self, line: str) -> None:
        if self._file is not None:
            _append(self._file, line)
            return
        import urllib3

        headers = {"Content-Type": "application/json"}
        try:
            answer = urllib3.request(
                "POST",
                self._target,
                body=line.encode(),
                headers=headers,
                timeout=SECONDS,
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"{self._target} did not answer: {error}") from error
        if answer.status >= 300:
            raise Unavailable(f"{self._target} answered {answer.status} to an OpenLineage event")


def _append(file: Path, line: str) -> None:
    try:
        with file.open("a", encoding="utf-8") as out:
            out.write(line + "\n")
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error}") from error
