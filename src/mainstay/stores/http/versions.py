"""Model versions over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.pages import Page, Search
from mainstay.entities.registry import ModelVersion, Stage
from mainstay.entities.release import AliasMove
from mainstay.stores.http.client import HttpClient
from mainstay.wire import provenance
from mainstay.wire import versions as messages
from mainstay.wire.base import Done, Empty, new_pairs
from mainstay.wire.endpoints import provenance as provenance_rows
from mainstay.wire.endpoints import versions as rows


class HttpVersions:
    """The part of the registry that is about versions."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def create_model_version(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        tags: Mapping[str, str] = {},
        run_link: str | None = None,
        description: str = "",
        digest: str | None = None,
        claimed_digest: str | None = None,
        storage_location: str | None = None,
        by: Principal = ANONYMOUS,
    ) -> ModelVersion:
        """Send model-versions/create."""
        request = messages.CreateVersion(
            name=name,
            source=source,
            run_id=run_id,
            model_id=model_id,
            tags=new_pairs(tags),
            run_link=run_link,
            description=description,
            digest=digest or claimed_digest,
            storage_location=storage_location,
        )
        return self.client.call(
            rows.CREATE, request, messages.VersionAnswer, by=by
        ).model_version.entity()

    def get_model_version(self, name: str, version: int) -> ModelVersion:
        """Send model-versions/get."""
        request = messages.VersionRef(name=name, version=str(version))
        return self.client.call(rows.GET, request, messages.VersionAnswer).model_version.entity()

    def get_version_recorder(self, name: str, version: int) -> Recorder:
        """Ask registry/recorder; a mainstay server only."""
        request = provenance.GetRecorder(name=name, version=version)
        answer = self.client.call(provenance_rows.RECORDER, request, provenance.RecorderAnswer)
        return answer.recorder

    def vouch_model_version(
        self, name: str, version: int, *, by: Principal = ANONYMOUS
    ) -> Recorder:
        """Send registry/vouched-versions; a mainstay server only."""
        request = provenance.VouchVersion(name=name, version=version)
        return self.client.call(
            provenance_rows.VOUCH, request, provenance.RecorderAnswer, by=by
        ).recorder

    def update_model_version(
        self, name: str, version: int, *, description: str, by: Principal = ANONYMOUS
    ) -> ModelVersion:
        """Send model-versions/update."""
        request = messages.UpdateVersion(name=name, version=str(version), description=description)
        return self.client.call(
            rows.UPDATE, request, messages.VersionAnswer, by=by
        ).model_version.entity()

    def set_version_digest(self, name: str, version: int, digest: str) -> None:
        """Send registry/version-digests; a mainstay server only."""
        request = messages.SetVersionDigest(name=name, version=version, digest=digest)
        self.client.call(rows.SET_DIGEST, request, Done)

    def delete_model_version(self, name: str, version: int, *, by: Principal = ANONYMOUS) -> None:
        """Send model-versions/delete."""
        request = messages.VersionRef(name=name, version=str(version))
        self.client.call(rows.DELETE, request, Empty, by=by)

    def restore_model_version(
        self, name: str, version: int, *, by: Principal = ANONYMOUS
    ) -> ModelVersion:
        """Send registry/versions/restore; a mainstay server only."""
        request = messages.RestoreVersion(name=name, version=version)
        return self.client.call(
            rows.RESTORE, request, messages.RestoredVersion, by=by
        ).model_version

    def search_model_versions(self, search: Search) -> Page[ModelVersion]:
        """Send model-versions/search."""
        request = messages.SearchVersions.of(search)
        return self.client.call(rows.SEARCH, request, messages.VersionsPage).page()

    def set_model_version_tag(
        self, name: str, version: int, key: str, value: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Send model-versions/set-tag."""
        request = messages.SetVersionTag(name=name, version=str(version), key=key, value=value)
        self.client.call(rows.SET_TAG, request, Empty, by=by)

    def delete_model_version_tag(
        self, name: str, version: int, key: str, *, by: Principal = ANONYMOUS
    ) -> None:
        """Send model-versions/delete-tag."""
        request = messages.DeleteVersionTag(name=name, version=str(version), key=key)
        self.client.call(rows.DELETE_TAG, request, Empty, by=by)

    def transition_stage(
        self,
        name: str,
        version: int,
        stage: Stage,
        *,
        archive_existing: bool = False,
        rests_on: Sequence[AliasMove] = (),
        by: Principal = ANONYMOUS,
    ) -> ModelVersion:
        """Send model-versions/transition-stage."""
        request = messages.TransitionStage(
            name=name,
            version=str(version),
            stage=stage,
            archive_existing_versions=archive_existing,
        )
        return self.client.call(
            rows.TRANSITION_STAGE, request, messages.VersionAnswer, by=by
        ).model_version.entity()
