"""Which packages a model asks for, as the file that names them."""

from __future__ import annotations

from pathlib import Path

from mainstay.errors import BadInput, NotFound
from mainstay.models.loading import open_model

FILES = {"pip": "requirements.txt", "conda": "conda.yaml"}


def file(uri: str, form: str) -> Path:
    """Return a local copy of the file for pip or conda. Raises: BadInput, NotFound."""
    if form not in FILES:
        raise BadInput(f"format {form!r} is neither 'pip' nor 'conda'")
    path = open_model(uri).folder / FILES[form]
    if not path.is_file():
        raise NotFound(f"{uri} has no {FILES[form]}; it names no packages")
    return path
