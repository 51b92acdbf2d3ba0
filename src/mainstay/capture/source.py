"""What runs: the script, notebook or project, and the pipeline that started it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

# Variables that other systems set, in the order in which they are looked at: the id of the
# pipeline's run, and the address of its page where it has one.
PIPELINES: tuple[tuple[str, str, str], ...] = (
    ("github", "GITHUB_RUN_ID", ""),
    ("gitlab", "CI_PIPELINE_ID", "CI_PIPELINE_URL"),
    ("jenkins", "BUILD_TAG", "BUILD_URL"),
    ("airflow", "AIRFLOW_CTX_DAG_RUN_ID", ""),
    ("kubeflow", "KFP_RUN_ID", ""),
    ("argo", "ARGO_WORKFLOW_NAME", ""),
)


def source(notebook: bool | None = None) -> tuple[str, str]:
    """Return name and MLflow type of what runs: the script's path, or the interpreter's."""
    if "ipykernel" in sys.modules if notebook is None else notebook:
        return os.environ.get("JPY_SESSION_NAME") or "notebook", "NOTEBOOK"
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
    for system, variable, page in PIPELINES:
        if given.get(variable):
            found = {"pipeline_id": f"{system}:{given[variable]}"}
            if page and given.get(page):
                found["pipeline_url"] = given[page]
            return found
    return {}
