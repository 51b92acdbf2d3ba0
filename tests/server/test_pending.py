"""Until its files are hashed a version passes no gate, by whichever door; then they are fixed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mainstay import Client
from mainstay.cli.main import main
from mainstay.connect import connect
from mainstay.entities.release import AliasMove, Evidence
from mainstay.errors import Conflict, GateRefused
from mainstay.packaging import manifest
from mainstay.promotion import policy
from tests.support.server import RunningServer

POLICY = "checks:\n  - {kind: threshold, metric: auc, minimum: 0.5}\n"


def test_a_pending_version_passes_no_gate_until_its_files_are_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(tmp_path / "cache"))
    with RunningServer(tmp_path / "server") as server, connect(server.url) as stores:
        client = Client(stores=stores)
        experiment = client.create_experiment("elsewhere", (tmp_path / "bucket").as_uri())
        run = client.create_run(experiment).info
        folder = Path(urlsplit(run.artifact_uri).path) / "model"
        client.create_registered_model("churn")
        # Registered before a file of it is there, so that nothing can hash it in the background.
        client.create_model_version("churn", folder.as_uri(), run_id=run.run_id)
        stores.release.set_policy("churn", "champion", POLICY, digest=policy.digest(POLICY))
        evidence = Evidence(
            evidence_id="e1",
            name="churn",
            version=1,
            version_digest=None,
            kind="quality",
            values={"auc": 0.9},
        )
        stores.release.record_evidence([evidence])
        move = AliasMove(name="churn", alias="champion", version=1)
        for door in (
            lambda: client.set_registered_model_alias("churn", "champion", 1),
            lambda: stores.release.move_alias(move),
            lambda: client.transition_model_version_stage("churn", 1, "Production"),
        ):
            with pytest.raises(GateRefused, match="pending: its files are not hashed"):
                door()
        folder.mkdir(parents=True)
        (folder / "MLmodel").write_text("flavors: {}\n")
        monkeypatch.setenv("MAINSTAY_TRACKING_URI", server.url)
        assert main(["models", "hash", "churn", "1"]) == 0
        digest = manifest.digest(manifest.build(folder))
        assert client.get_model_version("churn", 1).digest == digest
        with pytest.raises(GateRefused, match="other files"):
            client.set_registered_model_alias("churn", "champion", 1)
        stores.release.record_evidence(
            [
                Evidence(
                    evidence_id="e2",
                    name="churn",
                    version=1,
                    version_digest=digest,
                    kind="quality",
                    values={"auc": 0.9},
                )
            ]
        )
        client.set_registered_model_alias("churn", "champion", 1)
        with pytest.raises(Conflict, match="may not change"):
            stores.registry.set_version_digest("churn", 1, "ab" * 32)


def test_no_door_says_what_a_proxied_versions_digest_is(tmp_path: Path) -> None:
    with RunningServer(tmp_path) as server, connect(server.url) as stores:
        client = Client(stores=stores)
        run = client.create_run("0").info
        client.log_text(run.run_id, "flavors: {}\n", "model/MLmodel")
        client.create_registered_model("churn")
        made = client.create_model_version(
            "churn", f"{run.artifact_uri}/model", run_id=run.run_id, digest="ab" * 32
        )
        assert made.digest is not None
        assert made.digest != "ab" * 32
        with pytest.raises(Conflict):
            stores.registry.set_version_digest("churn", 1, "ab" * 32)
        with pytest.raises(Conflict, match="registered model version"):
            client.log_text(run.run_id, "flavors: {other: {}}\n", "model/MLmodel")
        client.delete_model_version("churn", 1)
        # It may be restored, so its files stay as they are.
        with pytest.raises(Conflict, match="registered model version"):
            client.log_text(run.run_id, "flavors: {other: {}}\n", "model/MLmodel")
        assert client.restore_model_version("churn", 1).digest == made.digest
