"""A real server with runs and a registry in it, and a real Chromium to look at it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import pytest

from mainstay.client import Client
from mainstay.connect import connect
from mainstay.entities.metrics import Metric
from mainstay.entities.release import Evidence
from mainstay.errors import GateRefused
from tests.support.parts import CHROMIUM, require
from tests.support.server import RunningServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
MARKUP = "<img src=x onerror=window.planted=1>"


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What the tests look at: where the server is, and what was put there."""

    url: str
    experiment_id: str
    runs: list[str]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    require("ui", "chromium", "playwright")
    with RunningServer(tmp_path_factory.mktemp("server")) as server:
        client = Client(server.url)
        experiment = client.create_experiment("tumour")
        runs = [make_run(client, experiment, number) for number in range(3)]
        register(client, server.url, runs)
        yield Scene(url=server.url, experiment_id=experiment, runs=runs)


def make_run(client: Client, experiment_id: str, number: int) -> str:
    run_id = client.create_run(experiment_id, run_name=f"run-{number}").info.run_id
    losses = [Metric("loss", math.exp(-step / 50) + number, step, step) for step in range(300)]
    losses.append(Metric("loss", 90.0 + number, 300, 300))
    client.log_batch(run_id, metrics=losses)
    client.log_batch(
        run_id,
        metrics=[Metric("auc", 0.9 + number / 100, 1, 0), Metric("odd", math.nan, 1, 0)],
        params={"model": ["forest", "logistic", "boosting"][number], "seed": "7"},
        tags={"owner": "ada", "note": MARKUP},
    )
    client.log_dict(run_id, {"labels": ["benign", "malignant"]}, "reports/matrix.json")
    client.set_terminated(run_id)
    return run_id


def register(client: Client, url: str, runs: list[str]) -> None:
    """Two versions; a gate that the first passes and the second does not."""
    client.create_registered_model("tumour")
    with connect(url) as stores:
        policy = "checks: [{kind: threshold, metric: auc, minimum: 0.8}]\nrequire_digest: false\n"
        for number, auc in ((1, 0.9), (2, 0.5)):
            source = client.get_run(runs[number]).info.artifact_uri + "/reports"
            version = client.create_model_version("tumour", source, run_id=runs[number])
            evidence = Evidence(
                evidence_id=f"e{number}",
                name="tumour",
                version=version.version,
                version_digest=version.digest,
                kind="quality",
                values={"auc": auc},
            )
            stores.release.record_evidence([evidence])
        stores.release.set_policy("tumour", "champion", policy, digest="")
    client.set_registered_model_alias("tumour", "champion", 1)
    with pytest.raises(GateRefused):
        client.set_registered_model_alias("tumour", "champion", 2)


@pytest.fixture(scope="module")
def browser(scene: Scene) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def refusals() -> list[int]:
    """Statuses of refusals a test provokes on purpose: only with this fixture are there any."""
    return []


@pytest.fixture
def page(browser: Browser, scene: Scene, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that fails the test if anything on it breaks or leaves this server."""
    provoked: list[int] | None = None
    if "refusals" in request.fixturenames:
        provoked = request.getfixturevalue("refusals")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(10_000)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    if provoked is not None:
        page.on(
            "response", lambda answer: provoked.append(answer.status) if not answer.ok else None
        )
    page.on(
        "console",
        lambda message: (
            broken.append(message.text)
            if message.type == "error"
            and not (provoked is not None and "status of 4" in message.text)
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((scene.url, "blob:", "data:"))
            else broken.append(f"asked {request.url}")
        ),
    )
    yield page
    context.close()
    assert broken == []
