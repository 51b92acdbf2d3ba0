"""What runs: the script, notebook or project, and the pipeline that started it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Pipeline(NamedTuple):
    """How a system tells its steps who they are: variables to join, and how its page is made."""

    system: str
    variables: tuple[str, ...]
    page: str
    """The page's address with ``{VARIABLES}``; none where one of them is not set."""


# In the order in which they are looked at: Kubeflow runs on Argo, and whatever runs an Airflow
# task may itself run in a CI job.
PIPELINES = (
    Pipeline(
        "github",
        ("GITHUB_RUN_ID",),
        "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    ),
    Pipeline("gitlab", ("CI_PIPELINE_ID",), "{CI_PIPELINE_URL}"),
    Pipeline("jenkins", ("BUILD_TAG",), "{BUILD_URL}"),
    Pipeline("airflow", ("AIRFLOW_CTX_DAG_ID", "AIRFLOW_CTX_DAG_RUN_ID"), ""),
    Pipeline("airflow", ("AIRFLOW_CTX_DAG_RUN_ID",), ""),
    Pipeline("kubeflow", ("KFP_RUN_ID",), ""),
    Pipeline("argo", ("ARGO_WORKFLOW_NAME",), ""),
)


def source(notebook: bool | None = None) -> tuple[str, str]:
    """Return name and MLflow type of what runs: the script's path, or the interpreter's."""
    if in_notebook() if notebook is None else notebook:
        return _notebook(), "NOTEBOOK"
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    name = main or (sys.argv[0] if sys.argv and sys.argv[0] not in ("", "-c") else "")
    return (name or sys.executable, "LOCAL")


def folder() -> Path:
    """Return the folder of the code that runs; the current one in a notebook or shell."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    try:
        return Path(main).resolve().parent if main else Path.cwd()
    except OSError:
        return Path.cwd()


def pipeline(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the tags ``pipeline_id`` and ``pipeline_url`` of the pipeline that runs this, if any.

    >>> pipeline({"CI_PIPELINE_ID": "77"})
    {'pipeline_id': 'gitlab:77'}
    """
    given = os.environ if environment is None else environment
    for system, variables, page in PIPELINES:
        parts = [given.get(variable) for variable in variables]
        if all(parts):
            found = {"pipeline_id": f"{system}:{'/'.join(map(str, parts))}"}
            with suppress(KeyError):
                if page:
                    found["pipeline_url"] = page.format_map(given)
            return found
    return {}


def in_notebook() -> bool:
    """Say whether a Jupyter kernel runs this; that one of its packages is loaded says nothing."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def _notebook() -> str:
    """Return the notebook's path as far as the front end tells it, else ``notebook``.

    Jupyter's servers tell by a variable, VS Code by a name in the notebook.
    """
    told = os.environ.get("JPY_SESSION_NAME")
    names = getattr(sys.modules.get("__main__"), "__dict__", {})
    return told or str(names.get("__vsc_ipynb_file__") or "") or "notebook"
