"""Model versions."""

from __future__ import annotations

from mainstay.server.context import Context
from mainstay.server.sources import locate
from mainstay.wire.base import Done, Empty, mapping
from mainstay.wire.versions import (
    CreateVersion,
    DeleteVersionTag,
    DownloadUri,
    RestoredVersion,
    RestoreVersion,
    SearchVersions,
    SetVersionDigest,
    SetVersionTag,
    TransitionStage,
    UpdateVersion,
    VersionAnswer,
    VersionMessage,
    VersionRef,
    VersionsPage,
    version_number,
)


def create(context: Context, request: CreateVersion) -> VersionAnswer:
    """Register a version.

    Files behind this server's proxy are frozen: their digest is taken from what was hashed at
    upload, whatever a client says it is, and from then on nobody can change them. Of other files
    the digest that a client says is a claim, to be seen when they are hashed in the background.
    """
    location = context.files.normal(locate(context, request.source, run_id=request.run_id or None))
    digest = None
    if context.files.is_proxied(location):
        digest = context.files.digest_of(context.files.at(location))
    made = context.registry.create_model_version(
        request.name,
        request.source,
        run_id=request.run_id or None,
        model_id=request.model_id or None,
        tags=mapping(request.tags),
        run_link=request.run_link or None,
        description=request.description,
        digest=digest,
        claimed_digest=request.digest or None,
        storage_location=location,
        by=context.principal,
    )
    return VersionAnswer(model_version=VersionMessage.of(made))


def get(context: Context, request: VersionRef) -> VersionAnswer:
    """Return a version."""
    found = context.registry.get_model_version(request.name, version_number(request.version))
    return VersionAnswer(model_version=VersionMessage.of(found))


def search(context: Context, request: SearchVersions) -> VersionsPage:
    """Search versions."""
    return VersionsPage.of(context.registry.search_model_versions(request.search()))


def update(context: Context, request: UpdateVersion) -> VersionAnswer:
    """Set a version's description."""
    done = context.registry.update_model_version(
        request.name,
        version_number(request.version),
        description=request.description,
        by=context.principal,
    )
    return VersionAnswer(model_version=VersionMessage.of(done))


def delete(context: Context, request: VersionRef) -> Empty:
    """Delete a version; its number stays used."""
    context.registry.delete_model_version(
        request.name, version_number(request.version), by=context.principal
    )
    return Empty()


def transition_stage(context: Context, request: TransitionStage) -> VersionAnswer:
    """Move a version to a stage."""
    done = context.registry.transition_stage(
        request.name,
        version_number(request.version),
        request.to(),
        archive_existing=request.archive_existing_versions,
        by=context.principal,
    )
    return VersionAnswer(model_version=VersionMessage.of(done))


def get_download_uri(context: Context, request: VersionRef) -> DownloadUri:
    """Return where a version's files are."""
    found = context.registry.get_model_version(request.name, version_number(request.version))
    return DownloadUri(artifact_uri=found.storage_location or found.source)


def set_tag(context: Context, request: SetVersionTag) -> Empty:
    """Set a tag."""
    context.registry.set_model_version_tag(
        request.name,
        version_number(request.version),
        request.key,
        request.value,
        by=context.principal,
    )
    return Empty()


def delete_tag(context: Context, request: DeleteVersionTag) -> Empty:
    """Take a tag off."""
    context.registry.delete_model_version_tag(
        request.name, version_number(request.version), request.key, by=context.principal
    )
    return Empty()


def set_digest(context: Context, request: SetVersionDigest) -> Done:
    """Fix the digest of a version whose files were still being hashed."""
    context.registry.set_version_digest(request.name, request.version, request.digest)
    return Done()


def restore(context: Context, request: RestoreVersion) -> RestoredVersion:
    """Bring back a deleted version."""
    back = context.registry.restore_model_version(
        request.name, request.version, by=context.principal
    )
    return RestoredVersion(model_version=back)
