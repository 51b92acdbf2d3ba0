"""Charts of metrics: read out, zoomed, smoothed, hidden by a click, in another unit of x."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstay.client import Client
from mainstay.entities.metrics import Metric
from tests.ui.conftest import Scene
from tests.ui.test_pages import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


@pytest.fixture(scope="module")
def long(scene: Scene) -> str:
    """A run of 5,000 points with one spike, a second apart, and a metric of one point."""
    client = Client(scene.url)
    run = client.create_run(client.create_experiment("long"), run_name="long").info.run_id
    points = [
        Metric("loss", 50.0 if step == 2_345 else 1.0 + step % 2, 1_000_000 + 1000 * step, step)
        for step in range(5_000)
    ]
    for start in range(0, 5_000, 1_000):
        client.log_batch(run, metrics=points[start : start + 1_000])
    client.log_batch(run, metrics=[Metric("accuracy", 0.75, 1, 0)])
    return run


def chart(page: Page, scene: Scene, run: str, query: str = "") -> Locator:
    page.goto(f"{scene.url}/#/runs/{run}?tab=charts{query}")
    found = page.get_by_role("figure", name="Chart of loss")
    expect(found.locator("canvas")).to_be_visible()
    return found


def test_a_chart_is_read_out_by_keys(page: Page, scene: Scene, long: str) -> None:
    found = chart(page, scene, long)
    expect(found).to_contain_text("at step 4999")
    found.get_by_role("group").focus()
    page.keyboard.press("Home")
    expect(found.get_by_role("listitem")).not_to_contain_text("at step 4999")
    first = found.get_by_role("listitem").inner_text()
    page.keyboard.press("ArrowRight")
    expect(found.get_by_role("listitem")).not_to_have_text(first)


def test_a_stretch_is_zoomed_into_finer_data_and_back(page: Page, scene: Scene, long: str) -> None:
    found = chart(page, scene, long)
    expect(found).to_contain_text("buckets of 5,000 points")
    box = found.locator(".u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.44, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60, steps=5)
    page.mouse.up()
    expect(found.get_by_role("button", name="Reset zoom")).to_be_visible()
    expect(found).not_to_contain_text("buckets of")
    found.get_by_role("button", name="Reset zoom").click()
    expect(found).to_contain_text("buckets of 5,000 points")


def test_smoothing_log_scale_and_time_are_in_the_address(
    page: Page, scene: Scene, long: str
) -> None:
    found = chart(page, scene, long)
    page.get_by_role("combobox", name="x").select_option("time since start")
    expect(found).to_contain_text("after 1.4 h")
    page.get_by_role("slider", name="Smoothing").fill("0.9")
    page.get_by_role("checkbox", name="log y").check()
    assert "x=relative&smooth=0.9&log=y" in page.url
    page.reload()
    expect(found).to_contain_text("after 1.4 h")
    expect(page.get_by_role("checkbox", name="log y")).to_be_checked()


def test_a_line_is_hidden_by_its_name(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.url}/#/compare?run={scene.runs[0]}&run={scene.runs[1]}")
    found = page.get_by_role("figure", name="Chart of loss")
    line = found.get_by_role("button", name="run-0")
    expect(line).to_have_attribute("aria-pressed", "true")
    line.click()
    expect(line).to_have_attribute("aria-pressed", "false")
    assert len(page.url.split("run=")) == 3


def test_one_point_is_a_number_not_a_line(page: Page, scene: Scene, long: str) -> None:
    chart(page, scene, long)
    single = page.get_by_role("figure", name="Chart of accuracy")
    expect(single).to_contain_text("0.75")
    expect(single.locator("canvas")).to_have_count(0)


def test_dark_and_light_are_chosen_and_kept(page: Page, scene: Scene) -> None:
    page.goto(scene.url)
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.get_by_role("combobox", name="Colours").select_option("Dark")
    assert page.evaluate(ground) == "rgb(20, 22, 26)"
    page.reload()
    assert page.evaluate(ground) == "rgb(20, 22, 26)"
    page.get_by_role("combobox", name="Colours").select_option("System")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"


def test_a_run_lists_the_runs_nested_in_it(page: Page, scene: Scene) -> None:
    client = Client(scene.url)
    experiment = client.create_experiment("nested")
    parent = client.create_run(experiment, run_name="search").info.run_id
    for number in range(3):
        tags = {"mlflow.parentRunId": parent}
        child = client.create_run(experiment, run_name=f"fold-{number}", tags=tags)
        client.log_batch(child.info.run_id, params={"depth": str(number), "seed": "7"})
    page.goto(f"{scene.url}/#/runs/{parent}")
    nested = page.get_by_role("table", name="Nested runs")
    expect(nested.get_by_role("columnheader")).to_have_text(["Run", "Status", "depth"])
    nested.get_by_role("link", name="fold-1").click()
    expect(page.get_by_role("heading", name="fold-1")).to_be_visible()
    page.get_by_role("link", name="Parent run").click()
    page.get_by_role("link", name="table of runs").click()
    expect(page.locator("tr[data-run]")).to_have_count(3)
