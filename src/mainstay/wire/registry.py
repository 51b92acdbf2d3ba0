"""Messages about registered models and their aliases. Versions are in ``versions``."""

from __future__ import annotations

from mainstay.entities.pages import Page
from mainstay.entities.registry import AliasChange, Deleted, RegisteredModel
from mainstay.wire.base import (
    Answer,
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
from mainstay.wire.versions import VersionMessage, version_number


class AliasMessage(Message, frozen=True, kw_only=True):
    """An alias and the version that holds it."""

    alias: str
    version: str


class RegisteredModelMessage(Message, frozen=True, kw_only=True):
    """A registered model."""

    name: str
    creation_timestamp: int = written(0)
    last_updated_timestamp: int = written(0)
    description: str = ""
    latest_versions: list[VersionMessage] = []
    tags: list[Tag] = []
    aliases: list[AliasMessage] = []

    @classmethod
    def of(cls, model: RegisteredModel) -> RegisteredModelMessage:
        """Return the record's message."""
        return cls(
            name=model.name,
            creation_timestamp=model.creation_timestamp,
            last_updated_timestamp=model.last_updated_timestamp,
            description=model.description,
            latest_versions=[VersionMessage.of(version) for version in model.latest_versions],
            tags=pairs(model.tags),
            aliases=[AliasMessage(alias=a, version=str(v)) for a, v in model.aliases.items()],
        )

    def entity(self) -> RegisteredModel:
        """Return the record."""
        return RegisteredModel(
            name=self.name,
            creation_timestamp=self.creation_timestamp,
            last_updated_timestamp=self.last_updated_timestamp,
            description=self.description,
            latest_versions=[message.entity() for message in self.latest_versions],
            tags=mapping(self.tags),
            aliases={item.alias: version_number(item.version) for item in self.aliases},
        )


class RegisteredModelAnswer(Message, frozen=True, kw_only=True):
    """One registered model."""

    registered_model: RegisteredModelMessage


class CreateRegisteredModel(Request, frozen=True, kw_only=True):
    """Create a registered model."""

    name: Text
    tags: list[NewTag] = []
    description: str = ""


class RegisteredModelRef(Request, frozen=True, kw_only=True):
    """Names a registered model."""

    name: Text


class RenameRegisteredModel(Request, frozen=True, kw_only=True):
    """Rename a registered model."""

    name: Text
    new_name: Text


class UpdateRegisteredModel(Request, frozen=True, kw_only=True):
    """Set the description of a registered model; left out, it is cleared, as in MLflow."""

    name: Text
    description: str = ""


class SearchRegisteredModels(SearchRequest, frozen=True, kw_only=True):
    """Search registered models."""


class RegisteredModelsPage(Message, frozen=True, kw_only=True):
    """Some registered models."""

    registered_models: list[RegisteredModelMessage] = []
    next_page_token: str | None = None

    @classmethod
    def of(cls, page: Page[RegisteredModel]) -> RegisteredModelsPage:
        """Return the page's message."""
        return cls(
            registered_models=[RegisteredModelMessage.of(model) for model in page.items],
            next_page_token=page.token,
        )

    def page(self) -> Page[RegisteredModel]:
        """Return the page."""
        items = [model.entity() for model in self.registered_models]
        return Page(items, self.next_page_token or None)


class SetRegisteredModelTag(Request, frozen=True, kw_only=True):
    """Set a tag of a registered model."""

    name: Text
    key: Text
    value: str = ""


class DeleteRegisteredModelTag(Request, frozen=True, kw_only=True):
    """Take a tag off a registered model."""

    name: Text
    key: Text


class SetAlias(Request, frozen=True, kw_only=True):
    """Point an alias at a version; ``reason`` is ours and goes into the history."""

    name: Text
    alias: Text
    version: Text
    reason: str = ""


class AliasRef(Request, frozen=True, kw_only=True):
    """Names an alias; ``reason`` is ours, for its removal."""

    name: Text
    alias: Text
    reason: str = ""


class GetAliasHistory(Own, frozen=True, kw_only=True):
    """Ask how an alias, or every alias of a model, came to be where it is."""

    name: Text
    alias: str | None = None


class AliasHistory(Answer, frozen=True, kw_only=True):
    """Changes of aliases, oldest first."""

    changes: list[AliasChange]


class RestoreModel(Own, frozen=True, kw_only=True):
    """Bring back the model of this name that was deleted last, under a new name if one is given."""

    name: Text
    new_name: str | None = None


class RestoredModel(Answer, frozen=True, kw_only=True):
    """A model that is back."""

    registered_model: RegisteredModel


class ListDeleted(Own, frozen=True, kw_only=True):
    """Ask for deleted models and versions, all or of one name."""

    name: str | None = None


class DeletedList(Answer, frozen=True, kw_only=True):
    """What can be restored, the last deleted first."""

    deleted: list[Deleted]
