"""A model that a module of the user's loads: ``_load_pyfunc(path)`` gives what ``predict`` asks."""

from __future__ import annotations

from pathlib import Path

from mainstay.errors import BadInput

FOLDER = "data"


class LoaderModel:
    """The name of a loader module, and the file or folder that it loads, if there is one."""

    def __init__(self, module: str, data: Path | None) -> None:
        self.module = module
        self.data = data


def read(loader_module: str | None, data_path: str | Path | None) -> LoaderModel:
    """Return the model that both arguments name. Raises: BadInput."""
    if not loader_module:
        raise BadInput("data_path needs loader_module, the module whose _load_pyfunc reads it")
    data = None if data_path is None else Path(str(data_path).removeprefix("file://"))
    if data is not None and not data.exists():
        raise BadInput(f"data_path={str(data)!r} is not there")
    return LoaderModel(loader_module, data)
