"""Models that are tagged as prompts are no models to whoever searches for models."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.support.server import RunningServer

SEARCH = "/api/2.0/mlflow/registered-models/search"


def names(server: RunningServer, text: str) -> list[str]:
    found = server.request("GET", f"{SEARCH}?{urlencode({'filter': text})}").json
    return [model["name"] for model in found.get("registered_models", [])]  # type: ignore[attr-defined]


def test_prompts_are_left_out_unless_the_filter_speaks_of_them(server: RunningServer) -> None:
    create = "/api/2.0/mlflow/registered-models/create"
    tags = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    assert server.call("POST", create, name="pt-greeting", tags=tags).status == 200
    assert server.call("POST", create, name="pt-churn").status == 200
    assert server.call("POST", create, name="pt-fraud").status == 200
    assert names(server, "name LIKE 'pt-%'") == ["pt-churn", "pt-fraud"]
    assert names(server, "name = 'pt-greeting' OR name = 'pt-churn'") == ["pt-churn"]
    theirs = "name LIKE 'pt-%' AND tag.`mlflow.prompt.is_prompt` != 'true'"
    assert names(server, theirs) == ["pt-churn", "pt-fraud"]
    asked = "name LIKE 'pt-%' AND tags.`mlflow.prompt.is_prompt` = 'true'"
    assert names(server, asked) == ["pt-greeting"]
    assert "pt-greeting" not in names(server, "")
