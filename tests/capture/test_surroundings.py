"""Packages, pipeline and script are read from where they are."""

from __future__ import annotations

from importlib.metadata import distributions
from pathlib import Path

import pytest

from mainstay.capture import packages, source


def test_installed_packages_are_those_of_the_metadata() -> None:
    found = packages.installed()
    expected = {
        dist.metadata["Name"].replace("_", "-").lower(): dist.version for dist in distributions()
    }
    for name in ("msgspec", "numpy", "scikit-learn", "pytest"):
        assert found[name] == expected[name]


def test_the_first_folder_on_the_path_wins(tmp_path: Path) -> None:
    for folder, version in (("a", "2.0"), ("b", "1.0")):
        (tmp_path / folder / f"Some_Package-{version}.dist-info").mkdir(parents=True)
    path = [str(tmp_path / "a"), str(tmp_path / "missing"), str(tmp_path / "b")]
    assert packages.installed(path) == {"some-package": "2.0"}


def test_requirements_name_the_interpreter() -> None:
    head, *lines = packages.requirements().splitlines()
    assert head.startswith("# python 3.")
    assert lines == sorted(lines, key=lambda line: line.partition("==")[0])


@pytest.mark.parametrize(
    ("environment", "tags"),
    [
        ({}, {}),
        ({"GITHUB_RUN_ID": "9"}, {"pipeline_id": "github:9"}),
        (
            {"CI_PIPELINE_ID": "7", "CI_PIPELINE_URL": "https://ci/7"},
            {"pipeline_id": "gitlab:7", "pipeline_url": "https://ci/7"},
        ),
        ({"AIRFLOW_CTX_DAG_RUN_ID": "daily"}, {"pipeline_id": "airflow:daily"}),
        (
            {"AIRFLOW_CTX_DAG_ID": "churn", "AIRFLOW_CTX_DAG_RUN_ID": "daily"},
            {"pipeline_id": "airflow:churn/daily"},
        ),
        (
            {
                "GITHUB_RUN_ID": "9",
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "a/b",
            },
            {
                "pipeline_id": "github:9",
                "pipeline_url": "https://github.com/a/b/actions/runs/9",
            },
        ),
        ({"KFP_RUN_ID": "k", "ARGO_WORKFLOW_NAME": "a"}, {"pipeline_id": "kubeflow:k"}),
        ({"ARGO_WORKFLOW_NAME": "a-1"}, {"pipeline_id": "argo:a-1"}),
        ({"BUILD_TAG": "jenkins-a-1"}, {"pipeline_id": "jenkins:jenkins-a-1"}),
    ],
)
def test_a_pipeline_is_known_by_its_variables(
    environment: dict[str, str], tags: dict[str, str]
) -> None:
    assert source.pipeline(environment) == tags


def test_a_notebook_is_called_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "work/try.ipynb")
    assert source.source(notebook=True) == ("work/try.ipynb", "NOTEBOOK")
    assert source.source(notebook=False)[1] == "LOCAL"
