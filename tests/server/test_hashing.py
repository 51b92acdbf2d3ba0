"""Versions whose files did not come through the proxy: hashed by the server, later if need be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mainstay import Client
from mainstay.cli.main import main
from mainstay.connect import connect
from mainstay.connect.stores import Stores
from mainstay.entities.registry import ModelVersion
from mainstay.errors import Conflict, GateRefused
from mainstay.packaging import manifest
from mainstay.promotion import policy
from mainstay.server.hashing import Hashing
from mainstay.server.run import Options
from mainstay.server.services import Opened, open_services
from tests.support.server import RunningServer

POLICY = "checks:\n  - {kind: threshold, metric: auc, minimum: 0.5}\n"


class Elsewhere:
    """A model whose files lie in a folder that the server reads and does not proxy."""

    def __init__(self, stores: Stores, folder: Path) -> None:
        self.client = Client(stores=stores)
        experiment = self.client.create_experiment("elsewhere", folder.as_uri())
        self.run = self.client.create_run(experiment).info
        self.folder = Path(urlsplit(self.run.artifact_uri).path) / "model"
        self.client.create_registered_model("churn")

    def register(self, digest: str | None = None) -> ModelVersion:
        """Register the folder, with a claim of what its digest is."""
        return self.client.create_model_version(
            "churn", self.folder.as_uri(), run_id=self.run.run_id, digest=digest
        )

    def write(self) -> str:
        """Write the files and return their digest."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "MLmodel").write_text("flavors: {}\n")
        return manifest.digest(manifest.build(self.folder))

    def version(self, number: int = 1) -> ModelVersion:
        """Return the version as it is now."""
        return self.client.get_model_version("churn", number)


def wait_until(condition: Callable[[], bool], server: RunningServer) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)


def test_what_a_client_says_is_believed_only_once_the_files_were_hashed(tmp_path: Path) -> None:
    with RunningServer(tmp_path / "server") as server, connect(server.url) as stores:
        model = Elsewhere(stores, tmp_path / "bucket")
        digest = model.write()
        stores.release.set_policy("churn", "champion", POLICY, digest=policy.digest(POLICY))
        assert model.register("ab" * 32).digest is None
        assert model.register(digest).digest is None
        wait_until(lambda: model.version(2).digest == digest, server)
        wait_until(lambda: "ab" * 32 in model.version(1).status_message, server)
        assert model.version(1).digest is None
        assert digest in model.version(1).status_message
        with pytest.raises(GateRefused, match="pending"):
            model.client.set_registered_model_alias("churn", "champion", 1)
        with pytest.raises(Conflict, match="register the files that are there"):
            stores.registry.set_version_digest("churn", 1, digest)


def test_files_that_come_after_their_version_are_hashed_without_being_asked(
    tmp_path: Path,
) -> None:
    with RunningServer(tmp_path / "server") as server, connect(server.url) as stores:
        model = Elsewhere(stores, tmp_path / "bucket")
        model.register()
        wait_until(lambda: "churn v1 has no digest yet" in server.log, server)
        digest = model.write()
        wait_until(lambda: model.version().digest == digest, server)
        assert model.version().status_message == ""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """The services of a server that is not started, so that its clock can be turned."""
    options = Options(
        backend_store_uri=f"sqlite:///{tmp_path}/mainstay.db",
        artifacts_destination=str(tmp_path / "proxied"),
    )
    found = open_services(options)
    yield found
    found.close()


def test_tries_come_later_each_time_and_are_given_up_for_all_to_see(
    opened: Opened,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [time.time()]
    hashing = Hashing(opened.services, opened.database, tries=4, clock=lambda: now[0])
    uri = f"sqlite:///{tmp_path}/mainstay.db"
    with connect(uri) as stores:
        model = Elsewhere(stores, tmp_path / "bucket")
        model.register()
        now[0] = time.time() + 5.0  # however long that took
        pauses = []
        for _ in range(3):
            assert hashing.hash_next()
            pauses.append(0.0)
            while not hashing.due():
                now[0] += 0.5
                pauses[-1] += 0.5
        assert pauses == [1.0, 2.0, 4.0]
        assert hashing.hash_next()
        assert "given up after 4 tries" in model.version().status_message
        now[0] += 1e6
        assert not hashing.hash_next(), "given up"
        (told,) = [
            event
            for event in stores.release.list_events(after=0, limit=1000)
            if event.kind == "model_version.unhashed"
        ]
        assert "cannot be read" in told.data["reason"] or "no files" in told.data["reason"]
        digest = model.write()
        monkeypatch.setenv("MAINSTAY_TRACKING_URI", uri)
        monkeypatch.setenv("MAINSTAY_CACHE_DIR", str(tmp_path / "cache"))
        assert main(["models", "describe", "churn", "-v", "1"]) == 0
        assert "mainstay models hash churn 1" in capsys.readouterr().out
        assert main(["models", "hash", "churn", "1"]) == 0
        assert (model.version().digest, model.version().status_message) == (digest, "")
