"""Messages about lineage, differences between versions, and model cards."""

from __future__ import annotations

from typing import Any

from mainstay.entities.accounts import Recorder
from mainstay.entities.provenance import Card, Difference
from mainstay.wire.base import Answer, Int64, Own, Text


class GetLineage(Own, frozen=True, kw_only=True):
    """Ask where a version comes from and what became of it."""

    name: Text
    version: Int64


class LineageAnswer(Answer, frozen=True, kw_only=True):
    """One document; its fields are listed in the page on lineage."""

    lineage: dict[str, Any]


class GetForward(Own, frozen=True, kw_only=True):
    """Ask what was built from a data set (its name or digest) or a commit."""

    dataset: str | None = None
    commit: str | None = None
    derived: bool = False


class ForwardAnswer(Answer, frozen=True, kw_only=True):
    """Runs, versions and deployments."""

    forward: dict[str, Any]


class GetDifference(Own, frozen=True, kw_only=True):
    """Ask how two versions differ; ``other_name`` is left out where both are of one model."""

    name: Text
    version: Int64
    other: Int64
    other_name: str | None = None


class DifferenceAnswer(Answer, frozen=True, kw_only=True):
    """How two versions differ."""

    difference: Difference


class GetCard(Own, frozen=True, kw_only=True):
    """Ask for the card of a version."""

    name: Text
    version: Int64


class CardAnswer(Answer, frozen=True, kw_only=True):
    """A card in its parts, and as Markdown and HTML."""

    card: Card
    markdown: str
    html: str


class GetRecorder(Own, frozen=True, kw_only=True):
    """Ask who recorded a version, else a logged model, else a run."""

    name: str | None = None
    version: Int64 | None = None
    model_id: str | None = None
    run_id: str | None = None


class VouchVersion(Own, frozen=True, kw_only=True):
    """Stand for a version in the place of who recorded it."""

    name: Text
    version: Int64


class RecorderAnswer(Answer, frozen=True, kw_only=True):
    """Who recorded it, and whether that is somebody known to the server."""

    recorder: Recorder
