"""A model's files where the caller wants them: MLflow's ``dst_path``."""

from __future__ import annotations

import shutil
from pathlib import Path

from mainstay.errors import BadInput
from mainstay.models.loading import open_model


def copy_to(uri: str, dst_path: str | Path | None, *, tracking_uri: str | None = None) -> None:
    """Put the files of the model at ``uri`` into a folder as well; None puts them nowhere.

    What is loaded are the files that were verified, in the cache; the copy is the caller's own.
    Raises: BadInput (the folder cannot be written), and as ``load_model``.
    """
    if dst_path is None:
        return
    source, target = open_model(uri, tracking_uri=tracking_uri).folder, Path(dst_path)
    if target.resolve().is_relative_to(source.resolve()):
        raise BadInput(f"dst_path {str(target)!r} lies in the model that is to be copied there")
    try:
        shutil.copytree(source, target, dirs_exist_ok=True)
    except OSError as error:
        raise BadInput(f"the model cannot be copied to {str(target)!r}: {error}") from error
