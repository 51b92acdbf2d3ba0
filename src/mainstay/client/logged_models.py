"""The client's calls on logged models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mainstay.client.artifacts import files_below, joined
from mainstay.client.base import ClientBase
from mainstay.client.defaults import PagedList, texts
from mainstay.entities.artifacts import FileInfo
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.pages import DatasetRef, Search
from mainstay.errors import BadInput


class LoggedModelCalls(ClientBase):
    """Logged models: create, fill with files, finalize, read, tag."""

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        model_type: str | None = None,
        *,
        model_id: str | None = None,
    ) -> LoggedModel:
        """Start a logged model; its files follow, then ``finalize_logged_model``."""
        return self.tracking.create_logged_model(
            str(experiment_id),
            name=name,
            model_id=model_id,
            model_type=model_type,
            source_run_id=source_run_id,
            params=texts(params),
            tags=texts(tags),
        )

    def log_model_artifact(
        self, model_id: str, local_path: str | Path, artifact_path: str | None = None
    ) -> None:
        """Add a file at the model's root, or in a folder below it. Raises: NotFound."""
        local = Path(local_path)
        self._files.put_file(local, joined(artifact_path, local.name), model_id=model_id)

    def log_model_artifacts(
        self, model_id: str, local_dir: str | Path, artifact_path: str | None = None
    ) -> None:
        """Add what a folder holds. Raises: NotFound."""
        for file, path in files_below(Path(local_dir)):
            self._files.put_file(file, joined(artifact_path, path), model_id=model_id)

    def finalize_logged_model(
        self, model_id: str, status: LoggedModelStatus = "READY"
    ) -> LoggedModel:
        """Say that its files are there, or that it failed. Raises: NotFound."""
        return self.tracking.finalize_logged_model(model_id, status)

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return it. Raises: NotFound."""
        return self.tracking.get_logged_model(model_id)

    def delete_logged_model(self, model_id: str) -> None:
        """Mark it deleted. Raises: NotFound."""
        self.tracking.delete_logged_model(model_id)

    def search_logged_models(
        self,
        experiment_ids: Sequence[str],
        filter_string: str | None = None,
        datasets: Sequence[Mapping[str, Any]] | None = None,
        max_results: int | None = None,
        order_by: Sequence[str | Mapping[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """Search; default order is newest first.

        Args:
            datasets: what metrics of the filter are about, each as ``{"dataset_name": …,
                "dataset_digest": …}``, the digest if it matters.
            order_by: texts as ``"metrics.auc DESC"``, or MLflow's form: ``{"field_name": …,
                "ascending": False, "dataset_name": …, "dataset_digest": …}``.

        Raises: BadInput.
        """
        terms, about = _order(order_by or ())
        search = Search(
            filter=filter_string or "",
            order_by=terms,
            max_results=max_results or 50,
            token=page_token,
            datasets=tuple(_dataset(one, "datasets") for one in datasets or ()),
            order_dataset=about,
        )
        ids = [str(experiment_id) for experiment_id in experiment_ids]
        return PagedList(self.tracking.search_logged_models(ids, search))

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, Any]) -> LoggedModel:
        """Set tags. Raises: NotFound, BadInput."""
        return self.tracking.set_logged_model_tags(model_id, texts(tags))

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Take a tag off. Raises: NotFound."""
        self.tracking.delete_logged_model_tag(model_id, key)

    def log_model_params(self, model_id: str, params: Mapping[str, Any]) -> None:
        """Add parameters. Raises: NotFound, BadInput."""
        self.tracking.log_logged_model_params(model_id, texts(params))

    def list_logged_model_artifacts(self, model_id: str, path: str | None = None) -> list[FileInfo]:
        """Return the files and folders below a path, relative to the model's root."""
        return self.artifacts_of(model_id=model_id).list(path or "")


ORDER_FIELDS = {"field_name", "ascending", "dataset_name", "dataset_digest"}


def _order(given: Sequence[str | Mapping[str, Any]]) -> tuple[tuple[str, ...], DatasetRef | None]:
    """Return terms as texts, and the one data set that metrics in them are about, if one is."""
    terms: list[str] = []
    about: set[DatasetRef] = set()
    for term in given:
        if isinstance(term, str):
            terms.append(term)
            continue
        unknown = set(term) - ORDER_FIELDS
        if unknown or not term.get("field_name"):
            raise BadInput(
                f"order_by: {dict(term)!r} needs 'field_name' and may have 'ascending', "
                "'dataset_name' and 'dataset_digest'"
            )
        terms.append(f"{term['field_name']} {'ASC' if term.get('ascending', True) else 'DESC'}")
        if term.get("dataset_name"):
            about.add(_dataset(term, "order_by"))
        elif term.get("dataset_digest"):
            raise BadInput("order_by: a 'dataset_digest' needs its 'dataset_name'")
    if len(about) > 1:
        raise BadInput("order_by: metrics of one data set only can be sorted by at a time")
    return tuple(terms), next(iter(about), None)


def _dataset(given: Mapping[str, Any], where: str) -> DatasetRef:
    name = given.get("dataset_name")
    if not isinstance(name, str) or not name:
        raise BadInput(f"{where}: {dict(given)!r} needs 'dataset_name'")
    return DatasetRef(name, given.get("dataset_digest") or None)
