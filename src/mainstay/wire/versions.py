"""Messages about model versions. MLflow writes their numbers as text."""

from __future__ import annotations

from mainstay.entities.pages import Page
from mainstay.entities.registry import ModelVersion, Stage, VersionStatus
from mainstay.errors import BadInput
from mainstay.wire.base import (
    Answer,
    Int64,
    Message,
    NewTag,
    Own,
    Request,
    Tag,
    Text,
    mapping,
    pairs,
    written,
)
from mainstay.wire.searches import SearchRequest

_LONGEST = 18
"""Digits of a number that a database holds; no version has more."""


def version_number(text: str) -> int:
    """Read a version's number.

    Raises:
        BadInput: the text is not a whole number that a version can have.
    """
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST):
        raise BadInput(f"Parameter 'version' must be an integer, got '{text}'.")
    return int(text)


class VersionMessage(Message, frozen=True, kw_only=True):
    """A model version. ``digest`` and ``storage_location`` are ours."""

    name: str
    version: str
    creation_timestamp: int = written(0)
    last_updated_timestamp: int = written(0)
    user_id: str = ""
    current_stage: Stage = written("None")
    description: str = written("")
    source: str = written("")
    run_id: str = written("")
    status: VersionStatus = written("READY")
    status_message: str = ""
    tags: list[Tag] = []
    run_link: str = written("")
    aliases: list[str] = []
    model_id: str | None = None
    digest: str | None = None
    storage_location: str | None = None

    @classmethod
    def of(cls, version: ModelVersion) -> VersionMessage:
        """Return the record's message."""
        return cls(
            name=version.name,
            version=str(version.version),
            creation_timestamp=version.creation_timestamp,
            last_updated_timestamp=version.last_updated_timestamp,
            user_id=version.user_id,
            current_stage=version.current_stage,
            description=version.description,
            source=version.source,
            run_id=version.run_id or "",
            status=version.status,
            status_message=version.status_message,
            tags=pairs(version.tags),
            run_link=version.run_link or "",
            aliases=list(version.aliases),
            model_id=version.model_id,
            digest=version.digest,
            storage_location=version.storage_location,
        )

    def entity(self) -> ModelVersion:
        """Return the record."""
        return ModelVersion(
            name=self.name,
            version=version_number(self.version),
            source=self.source,
            creation_timestamp=self.creation_timestamp,
            last_updated_timestamp=self.last_updated_timestamp,
            current_stage=self.current_stage,
            description=self.description,
            run_id=self.run_id or None,
            model_id=self.model_id or None,
            run_link=self.run_link or None,
            status=self.status,
            status_message=self.status_message,
            user_id=self.user_id,
            digest=self.digest,
            storage_location=self.storage_location,
            tags=mapping(self.tags),
            aliases=tuple(self.aliases),
        )


class VersionAnswer(Message, frozen=True, kw_only=True):
    """One version."""

    model_version: VersionMessage


class CreateVersion(Request, frozen=True, kw_only=True):
    """Register a version; ``digest`` and ``storage_location`` are ours."""

    name: Text
    source: Text
    run_id: str | None = None
    tags: list[NewTag] = []
    run_link: str | None = None
    description: str = ""
    model_id: str | None = None
    digest: str | None = None
    storage_location: str | None = None


class VersionRef(Request, frozen=True, kw_only=True):
    """Names a version."""

    name: Text
    version: Text


class UpdateVersion(Request, frozen=True, kw_only=True):
    """Set the description of a version; left out, it is cleared, as in MLflow."""

    name: Text
    version: Text
    description: str = ""


class TransitionStage(Request, frozen=True, kw_only=True):
    """Move a version to a stage."""

    name: Text
    version: Text
    stage: Text
    archive_existing_versions: bool = False

    def to(self) -> Stage:
        """Return the stage, in whatever case it was written. Raises: BadInput."""
        stages: tuple[Stage, ...] = ("None", "Staging", "Production", "Archived")
        for stage in stages:
            if stage.lower() == self.stage.lower():
                return stage
        raise BadInput(
            f"Invalid Model Version stage: {self.stage}. Value must be one of {', '.join(stages)}."
        )


class GetLatestVersions(Request, frozen=True, kw_only=True):
    """Ask for the newest version of each stage."""

    name: Text
    stages: list[str] = []


class VersionList(Message, frozen=True, kw_only=True):
    """Some versions."""

    model_versions: list[VersionMessage] = []


class SearchVersions(SearchRequest, frozen=True, kw_only=True):
    """Search versions."""

    max_results: Int64 = 200_000


class VersionsPage(Message, frozen=True, kw_only=True):
    """A page of versions."""

    model_versions: list[VersionMessage] = []
    next_page_token: str | None = None

    @classmethod
    def of(cls, page: Page[ModelVersion]) -> VersionsPage:
        """Return the page's message."""
        return cls(
            model_versions=[VersionMessage.of(version) for version in page.items],
            next_page_token=page.token,
        )

    def page(self) -> Page[ModelVersion]:
        """Return the page."""
        items = [version.entity() for version in self.model_versions]
        return Page(items, self.next_page_token or None)


class DownloadUri(Message, frozen=True, kw_only=True):
    """Where a version's files are."""

    artifact_uri: str


class SetVersionTag(Request, frozen=True, kw_only=True):
    """Set a tag of a version."""

    name: Text
    version: Text
    key: Text
    value: str = ""


class DeleteVersionTag(Request, frozen=True, kw_only=True):
    """Take a tag off a version."""

    name: Text
    version: Text
    key: Text


class SetVersionDigest(Own, frozen=True, kw_only=True):
    """Fix the digest of a version whose files were still being hashed."""

    name: Text
    version: Int64
    digest: Text


class RestoreVersion(Own, frozen=True, kw_only=True):
    """Bring back a deleted version."""

    name: Text
    version: int


class RestoredVersion(Answer, frozen=True, kw_only=True):
    """A version that is back."""

    model_version: ModelVersion
