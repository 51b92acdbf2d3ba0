"""Logged models over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mainstay.entities.accounts import ANONYMOUS, Principal, Recorder
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.pages import Page, Search
from mainstay.errors import BadRequest
from mainstay.stores.http.client import HttpClient
from mainstay.wire import logged_models as messages
from mainstay.wire import provenance
from mainstay.wire.base import Empty, new_pairs
from mainstay.wire.endpoints import logged_models as rows
from mainstay.wire.endpoints import provenance as provenance_rows


class HttpLoggedModels:
    """The part of the tracking store that is about logged models."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def create_logged_model(
        self,
        experiment_id: str,
        *,
        name: str | None = None,
        model_id: str | None = None,
        model_type: str | None = None,
        source_run_id: str | None = None,
        params: Mapping[str, str] = {},
        tags: Mapping[str, str] = {},
        by: Principal = ANONYMOUS,
    ) -> LoggedModel:
        """Send POST logged-models; a foreign server makes up an id of its own."""
        request = messages.CreateLoggedModel(
            experiment_id=experiment_id,
            name=name,
            model_id=model_id,
            model_type=model_type,
            source_run_id=source_run_id,
            params=new_pairs(params),
            tags=new_pairs(tags),
        )
        return self._model(self.client.call(rows.CREATE, request, messages.LoggedModelAnswer), "")

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Send GET logged-models/{id}."""
        request = messages.LoggedModelRef(model_id=model_id)
        answer = self.client.call(rows.GET, request, messages.LoggedModelAnswer)
        return self._model(answer, model_id, asked=True)

    def get_logged_model_recorder(self, model_id: str) -> Recorder:
        """Ask registry/recorder; a mainstay server only."""
        request = provenance.GetRecorder(model_id=model_id)
        return self.client.call(
            provenance_rows.RECORDER, request, provenance.RecorderAnswer
        ).recorder

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """Send PATCH logged-models/{id}."""
        request = messages.FinalizeLoggedModel(model_id=model_id, status=messages.TO_NAME[status])
        answer = self.client.call(rows.FINALIZE, request, messages.LoggedModelAnswer)
        return self._model(answer, model_id)

    def delete_logged_model(self, model_id: str) -> None:
        """Send DELETE logged-models/{id}."""
        self.client.call(rows.DELETE, messages.LoggedModelRef(model_id=model_id), Empty)

    def search_logged_models(
        self, experiment_ids: Sequence[str], search: Search
    ) -> Page[LoggedModel]:
        """Send POST logged-models/search."""
        request = messages.SearchLoggedModels.of(list(experiment_ids), search)
        return self.client.call(rows.SEARCH, request, messages.LoggedModelsPage).page()

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, str]) -> LoggedModel:
        """Send PATCH logged-models/{id}/tags."""
        request = messages.SetLoggedModelTags(model_id=model_id, tags=new_pairs(tags))
        answer = self.client.call(rows.SET_TAGS, request, messages.LoggedModelAnswer)
        return self._model(answer, model_id)

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Send DELETE logged-models/{id}/tags/{key}."""
        request = messages.LoggedModelTagRef(model_id=model_id, tag_key=key)
        self.client.call(rows.DELETE_TAG, request, Empty)

    def log_logged_model_params(self, model_id: str, params: Mapping[str, str]) -> None:
        """Send POST logged-models/{id}/params."""
        request = messages.LogLoggedModelParams(model_id=model_id, params=new_pairs(params))
        self.client.call(rows.LOG_PARAMS, request, Empty)

    def _model(
        self, answer: messages.LoggedModelAnswer, model_id: str, *, asked: bool = False
    ) -> LoggedModel:
        """Return the model of an answer; stock servers answer some calls with ``{}``."""
        if answer.model is not None:
            return answer.model.entity()
        if asked or not model_id:
            raise BadRequest("the server answered a question about a logged model with nothing")
        return self.get_logged_model(model_id)
