"""Signed URLs and uploads in parts, where the store has none of them."""

from __future__ import annotations

import pytest

from tests.support.server import RunningServer

PROXY = "/api/2.0/mlflow-artifacts"


def test_a_local_store_signs_nothing_and_says_so(server: RunningServer) -> None:
    answer = server.request("GET", f"{PROXY}/presigned/0/a.txt")
    assert answer.status == 501
    assert answer.json["error_code"] == "NOT_IMPLEMENTED"
    info = server.request("GET", "/api/3.0/mlflow/server-info").json
    assert info["multipart_downloads_enabled"] is False
    assert info["multipart_uploads_enabled"] is False


@pytest.mark.parametrize("verb", ["create", "complete", "abort"])
def test_uploads_in_parts_go_through_the_proxy_instead(server: RunningServer, verb: str) -> None:
    answer = server.call("POST", f"{PROXY}/mpu/{verb}/0/a.txt", path="a.txt", upload_id="u")
    assert answer.status == 501
    assert answer.json["message"] == (
        "Multipart upload is not supported for the current artifact repository"
    )


def test_proxied_files_are_never_written_past_the_proxy(server: RunningServer) -> None:
    run = server.call("POST", "/api/2.0/mlflow/runs/create", experiment_id="0").json["run"]
    run_id = run["info"]["run_id"]  # type: ignore[index]
    for way in ("upload", "download"):
        target = f"/api/2.0/mlflow/artifacts/presigned-{way}-url"
        answer = server.call("POST", target, run_id=run_id, path="a.txt")
        assert answer.status == 400
        assert "proxied artifact storage" in str(answer.json["message"])
    target = "/api/2.0/mlflow/artifacts/presigned-upload-url"
    for named in ({}, {"run_id": run_id, "model_id": "m-1"}):
        answer = server.call("POST", target, path="a.txt", **named)
        assert answer.json["message"] == "Exactly one of run_id and model_id must be provided."
