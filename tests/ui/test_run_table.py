"""The table of many runs: drawn in part, filtered with completion, arranged as somebody likes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from mainstay.client import Client
from mainstay.entities.metrics import Metric
from tests.ui.conftest import Scene
from tests.ui.test_pages import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MANY = 530
TO_THE_END = """part => {
    part.scrollTop = part.scrollHeight;
    return new Promise((done) => requestAnimationFrame(() => done()));
}"""


@pytest.fixture(scope="module")
def many(scene: Scene) -> str:
    """An experiment with more runs than two pages hold."""
    client = Client(scene.url)
    experiment = client.create_experiment("many")
    for number in range(MANY):
        run = client.create_run(experiment, run_name=f"run-{number:03}", start_time=1000 + number)
        params = {"model": ["forest", "it's odd"][number % 2], "depth": str(number % 5)}
        metrics = [Metric("auc", number / MANY, 1, 0), Metric("val/loss", 1.0, 1, 0)]
        client.log_batch(run.info.run_id, metrics=metrics, params=params, tags={"team": "risk"})
    return experiment


def open_many(page: Page, scene: Scene, many: str, query: str = "") -> Locator:
    page.goto(f"{scene.url}/#/experiments/{many}{query}")
    expect(page.locator("tr[data-run]").first).to_be_visible()
    return page.get_by_role("region", name="Runs", exact=True)


def test_few_rows_are_drawn_and_the_end_is_reached_by_scrolling(
    page: Page, scene: Scene, many: str
) -> None:
    table = open_many(page, scene, many)
    expect(page.get_by_role("status").filter(has_text="runs,")).to_contain_text("100+ runs")
    assert page.locator("tr[data-run]").count() < 60
    last = page.get_by_role("link", name="run-000")
    deadline = time.monotonic() + 120
    while not last.count():
        assert time.monotonic() < deadline
        table.evaluate(TO_THE_END)
    expect(last).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="runs,")).to_contain_text(f"{MANY} runs")
    assert page.locator("tr[data-run]").count() < 60


def test_the_filter_completes_fields_keys_operators_and_values(
    page: Page, scene: Scene, many: str
) -> None:
    open_many(page, scene, many)
    box = page.get_by_role("combobox", name="Filter runs")
    offers = page.get_by_role("listbox", name="Completions").get_by_role("option")
    box.press_sequentially("par")
    expect(offers).to_have_text(["params."])
    box.press("ArrowDown")
    box.press("Enter")
    expect(offers).to_have_text(["depth", "model"])
    box.press_sequentially("mo")
    expect(offers).to_have_text(["model"])
    offers.first.click()
    box.press("ArrowDown")
    box.press("Tab")
    expect(offers).to_have_text(["'forest'", "'it''s odd'"])
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("params.model = 'it''s odd' ")
    box.press_sequentially("and metrics.v")
    expect(offers).to_have_text(["`val/loss`"])
    offers.first.click()
    box.press_sequentially("= 1")
    box.press("Enter")
    expect(page.get_by_role("link", name="run-529")).to_be_visible()
    expect(page.get_by_role("link", name="run-528")).to_have_count(0)


def test_a_mistake_in_a_filter_is_shown_at_its_place(
    page: Page, scene: Scene, many: str, refusals: list[int]
) -> None:
    page.goto(f"{scene.url}/#/experiments/{many}?filter=" + quote("metrics.auc > 'high'"))
    said = page.get_by_role("alert")
    expect(said).to_contain_text("The filter was not understood.")
    expect(said.locator("mark")).to_have_text("'high'")
    page.get_by_role("button", name="remove filter").click()
    expect(page.locator("tr[data-run]").first).to_be_visible()
    assert refusals == [400]


def test_columns_are_chosen_pinned_and_kept_in_the_address(
    page: Page, scene: Scene, many: str
) -> None:
    open_many(page, scene, many)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("searchbox", name="Find columns").fill("te")
    page.get_by_role("checkbox", name="team").check()
    page.get_by_role("searchbox", name="Find columns").fill("")
    page.get_by_role("checkbox", name="auc").uncheck()
    page.get_by_role("button", name="Pin depth").click()
    page.keyboard.press("Escape")
    wanted = ["Run", "depth", "Status", "Started", "val/loss", "model", "team"]
    heads = page.get_by_role("columnheader").locator(".sort")
    shown = [text.rstrip(" ▼") for text in heads.all_inner_texts()]
    assert shown == wanted
    page.reload()
    expect(page.get_by_role("row", name="run-529")).to_contain_text("risk")
    assert [text.rstrip(" ▼") for text in heads.all_inner_texts()] == wanted


def test_a_column_is_made_wider_by_keys_and_by_pointer(page: Page, scene: Scene, many: str) -> None:
    open_many(page, scene, many)
    head = page.get_by_role("columnheader", name="auc")
    grip = head.get_by_role("button", name="Width of auc")
    before = head.bounding_box()
    grip.press("ArrowRight")
    expect(grip).to_have_accessible_name("Width of auc: 128 pixels, arrow keys change it")
    box = grip.bounding_box()
    assert box is not None
    assert before is not None
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 54, box["y"] + 4, steps=4)
    page.mouse.up()
    expect(grip).to_have_accessible_name("Width of auc: 178 pixels, arrow keys change it")
    after = head.bounding_box()
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] + 66, abs=1)


def test_runs_are_gathered_by_a_parameter(page: Page, scene: Scene, many: str) -> None:
    open_many(page, scene, many)
    page.get_by_role("combobox", name="Group by").select_option("model")
    page.get_by_role("button", name="auc", exact=True).click()
    groups = page.locator("tr.group")
    expect(groups.first).to_contain_text("model forest")
    expect(groups.first).to_contain_text("mean auc")
    expect(page.locator("tr[data-run] a").first).to_have_text("run-528")


def test_rows_are_walked_selected_and_opened_by_keys(page: Page, scene: Scene, many: str) -> None:
    table = open_many(page, scene, many)
    table.focus()
    for key in ("j", "x", "ArrowDown", "x"):
        page.keyboard.press(key)
    expect(page.get_by_role("checkbox", name="Select run-529")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Select run-528")).to_be_checked()
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()
    table = open_many(page, scene, many)
    table.focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="run-529")).to_be_visible()
    open_many(page, scene, many)
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Filter runs")).to_be_focused()


def test_several_runs_are_lines_and_points(page: Page, scene: Scene, many: str) -> None:
    open_many(page, scene, many)
    for number in (529, 528, 527):
        page.get_by_role("checkbox", name=f"Select run-{number}").check()
    page.get_by_role("button", name="Compare").click()
    lines = page.get_by_role("figure", name="Parallel coordinates")
    expect(lines.locator("path.line")).to_have_count(3)
    expect(lines.get_by_role("img")).to_have_attribute(
        "aria-label", "3 runs along depth, model, auc"
    )
    points = page.get_by_role("figure", name="Scatter of runs")
    expect(points.locator("circle")).to_have_count(3)
    points.get_by_role("combobox", name="x").select_option("model")
    expect(points).to_contain_text("it's odd")
    points.locator("circle").first.click()
    expect(page.get_by_role("heading", name="run-529")).to_be_visible()
