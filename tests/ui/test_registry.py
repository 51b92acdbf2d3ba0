"""A version's lineage, gate, approvals and way back, as people of different names use them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from mainstay.client import Client
from mainstay.connect import connect
from mainstay.entities.release import Evidence
from tests.support.server import Door
from tests.ui.conftest import Scene
from tests.ui.test_pages import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

POLICY = """\
checks:
  - {kind: threshold, metric: auc, minimum: 0.8}
  - {kind: approval, approvers: 1}
require_digest: false
"""
WORD = "correct horse battery"
As = Callable[[str], "Page"]


@pytest.fixture(scope="module")
def churn(scene: Scene) -> str:
    """A model of three versions whose alias ``production`` needs a person's yes."""
    client = Client(scene.url)
    client.create_registered_model("churn")
    root = client.get_run(scene.runs[0]).info.artifact_uri
    with connect(scene.url) as stores:
        for number in (1, 2, 3):
            run = scene.runs[number - 1]
            client.set_tag(
                run, "mlflow.source.git.commit", "0123456789abcdef0123456789abcdef01234567"
            )
            version = client.create_model_version("churn", f"{root}/reports", run_id=run)
            evidence = Evidence(
                evidence_id=f"churn{number}",
                name="churn",
                version=version.version,
                version_digest=version.digest,
                kind="quality",
                values={"auc": 0.9},
            )
            stores.release.record_evidence([evidence])
        stores.release.set_policy("churn", "production", POLICY, digest="")
    for number, reason in ((1, "the first"), (2, "better"), (3, "best")):
        client.set_registered_model_alias("churn", "shadow", number, reason=reason)
    door = Door(scene.url)
    for name in ("ada", "grace"):
        said = {"name": name, "password": WORD, "role": "maintainer"}
        made = door.call("POST", "/api/mainstay/1.0/accounts/users", **said)
        assert made.status == 200, made.body
    return "churn"


def token_of(door: Door, name: str) -> str:
    word = base64.b64encode(f"{name}:{WORD}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {word}"}
    made = door.request("POST", "/api/mainstay/1.0/accounts/tokens", "{}", headers)
    assert made.status == 200, made.body
    secret: str = json.loads(made.body)["secret"]
    return secret


@pytest.fixture
def as_user(browser: Browser, scene: Scene) -> Iterator[As]:
    """Open a page as somebody whom the server knows."""
    contexts = []

    def opened(name: str) -> Page:
        word = token_of(Door(scene.url), name)
        context = browser.new_context(extra_http_headers={"Authorization": f"Bearer {word}"})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    yield opened
    for context in contexts:
        context.close()


def ask_the_gate(page: Page, url: str) -> Locator:
    page.goto(f"{url}/#/models/churn/3?tab=gate")
    form = page.get_by_role("form", name="Move an alias")
    form.get_by_label("Alias").fill("production")
    form.get_by_role("button", name="Ask the gate").click()
    return form


def test_a_move_is_asked_for_approved_by_another_person_and_made(
    as_user: As, scene: Scene, churn: str
) -> None:
    ada, grace = as_user("ada"), as_user("grace")
    form = ask_the_gate(ada, scene.url)
    expect(form.locator("tr").first).to_contain_text("approval")
    expect(form.get_by_role("button", name="Move to version 3")).to_be_disabled()
    form.get_by_role("button", name="Ask for approval").click()
    expect(form).to_contain_text("Approval was asked for")

    ada.get_by_role("link", name="Approvals").click()
    own = ada.get_by_role("list", name="Approvals").get_by_role("listitem")
    expect(own).to_contain_text("asked by ada")
    expect(own.get_by_role("button", name="Reject")).to_be_disabled()
    own.get_by_role("button", name="Approve").click()
    expect(own.get_by_role("alert")).to_contain_text("ada")
    expect(own).to_contain_text("pending")

    grace.goto(scene.url)
    expect(grace.get_by_role("link", name="Approvals")).to_contain_text("1")
    grace.get_by_role("link", name="Approvals").click()
    request = grace.get_by_role("list", name="Approvals").get_by_role("listitem")
    request.get_by_label("Reason about churn version 3").fill("checked with the risk team")
    request.get_by_role("button", name="Approve").click()
    expect(grace.get_by_role("heading", name="Nothing waits for approval")).to_be_visible()
    expect(request).to_contain_text("grace")
    expect(request).to_contain_text("checked with the risk team")

    form = ask_the_gate(ada, scene.url)
    expect(form).to_contain_text("2 of 2 checks passed")
    form.get_by_role("button", name="Move to version 3").click()
    expect(form).to_contain_text("@production is version 3 now")
    expect(ada.get_by_role("heading", level=1)).to_contain_text("@production")


def test_a_request_is_rejected_with_a_reason(as_user: As, scene: Scene, churn: str) -> None:
    ada, grace = as_user("ada"), as_user("grace")
    ada.goto(f"{scene.url}/#/models/churn/2?tab=gate")
    form = ada.get_by_role("form", name="Move an alias")
    form.get_by_label("Alias").fill("production")
    form.get_by_role("button", name="Ask the gate").click()
    form.get_by_role("button", name="Ask for approval").click()
    expect(form).to_contain_text("Approval was asked for")
    grace.goto(f"{scene.url}/#/models/churn/2?tab=gate")
    request = grace.get_by_role("list", name="Approvals").get_by_role("listitem")
    request.get_by_label("Reason about churn version 2").fill("not before the holidays")
    request.get_by_role("button", name="Reject").click()
    expect(request).to_contain_text("rejected")
    expect(request).to_contain_text("not before the holidays")


def test_who_looks_is_said(as_user: As, page: Page, scene: Scene, churn: str) -> None:
    ada = as_user("ada")
    ada.goto(scene.url)
    expect(ada.get_by_role("banner")).to_contain_text("ada")
    page.goto(scene.url)
    expect(page.get_by_role("banner")).to_contain_text("anonymous")


def test_lineage_is_drawn_from_the_commit_to_the_alias(
    page: Page, scene: Scene, churn: str
) -> None:
    page.goto(f"{scene.url}/#/models/churn/3")
    boxes = page.get_by_role("list", name="Lineage").get_by_role("listitem")
    expect(boxes.filter(has_text="0123456789ab")).to_be_visible()
    expect(boxes.filter(has_text="churn v3")).to_be_visible()
    expect(boxes.filter(has_text="@shadow")).to_be_visible()
    expect(page.get_by_role("region", name="code that loads the model")).to_contain_text(
        'load_model("models:/churn/3")'
    )
    boxes.get_by_role("link", name="run-2").click()
    expect(page.get_by_role("heading", name="run-2")).to_be_visible()


def test_the_moves_of_an_alias_are_a_line_and_it_is_rolled_back(
    page: Page, scene: Scene, churn: str
) -> None:
    page.goto(f"{scene.url}/#/models/churn")
    drawn = page.get_by_role("img", name="Holders of shadow")
    expect(drawn.locator(".stretch", has_text="v3").first).to_have_class(re.compile("current"))
    card = (
        page.get_by_role("list", name="Aliases").get_by_role("listitem").filter(has_text="@shadow")
    )
    expect(card).to_contain_text("best")
    card.get_by_text("Roll back…").click()
    back = card.get_by_role("button", name="Roll back from version 3")
    expect(back).to_be_disabled()
    card.get_by_label("Reason for rolling back shadow").fill("errors since noon")
    back.click()
    expect(card).to_contain_text("@shadow is version 2 again.")
    expect(page.locator(".stretch.back")).to_have_text("↩ v2")
    history = page.get_by_role("table", name="Alias history")
    expect(history.get_by_role("row", name="rollback")).to_contain_text("errors since noon")


def test_an_id_is_copied(page: Page, scene: Scene) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{scene.url}/#/runs/{scene.runs[0]}")
    page.get_by_role("button", name="Copy run id").click()
    expect(page.get_by_role("button", name="Copy run id")).to_contain_text("copied")
    assert page.evaluate("navigator.clipboard.readText()") == scene.runs[0]
