"""What was logged as data is drawn: matrices, curves, importances, pictures, tables, texts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstay.client import Client
from tests.ui.conftest import MARKUP, Scene
from tests.ui.test_pages import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def matrix(right: int) -> dict[str, object]:
    return {
        "kind": "confusion_matrix",
        "title": "Confusion matrix (training)",
        "labels": ["ham", MARKUP],
        "matrix": [[right, 10], [5, 45]],
    }


def curve(areas: list[float]) -> dict[str, object]:
    xs = [step / 20 for step in range(21)]
    lines = [
        {
            "name": f"class {number}",
            "area": area,
            "x": xs,
            "y": [x ** ((1 - area) / area) for x in xs],
            "thresholds": [None] * 21,
            "baseline": [0.0, 1.0],
        }
        for number, area in enumerate(areas)
    ]
    return {
        "kind": "curve",
        "title": "ROC curve (training)",
        "x_label": "false positive rate",
        "y_label": "true positive rate",
        "area_label": "AUC",
        "lines": lines,
    }


@pytest.fixture(scope="module")
def drawn(scene: Scene) -> list[str]:
    """Two runs with everything that is drawn."""
    client = Client(scene.url)
    experiment = client.create_experiment("drawn")
    made = []
    for number, name in enumerate(("first", "second")):
        run = client.create_run(experiment, run_name=name).info.run_id
        client.log_dict(run, matrix(40 + number), "training_confusion_matrix.json")
        client.log_dict(run, curve([0.9 - number / 10, 0.8]), "plots/training_roc_curve.json")
        gains = {f"feature {at}": math.exp(-at / 9) for at in range(30)}
        client.log_dict(run, gains, "feature_importance_gain.json")
        client.log_text(run, "not JSON at all", "plots/broken.json")
        client.log_dict(run, {"kind": "violin", "values": [1]}, "plots/unknown.json")
        for step in (1, 5):
            shade = np.full((8, 8, 3), step / 10)
            client.log_image(run, shade, key="val/mask", step=step)
        made.append(run)
    first = made[0]
    client.log_text(first, f"# Report\n\nIt is **good** {MARKUP}.\n\n- one\n", "notes.md")
    rows = "\n".join(f"c{row},{row}" for row in range(300))
    client.log_text(first, f'name,"age, in years"\n{rows}\n', "data/rows.csv")
    table = {"columns": ["question", "score"], "data": [["why", 0.5], [MARKUP, 1]]}
    client.log_dict(first, table, "answers.json")
    client.log_text(first, "line\n" * 200_000, "long.log")
    client.log_text(first, "", "empty.txt")
    for run in made:
        client.set_terminated(run)
    return made


def open_plots(page: Page, scene: Scene, run: str) -> None:
    page.goto(f"{scene.url}/#/runs/{run}")
    page.get_by_role("link", name="Plots").click()


def test_a_confusion_matrix_shows_counts_shares_and_what_is_confused(
    page: Page, scene: Scene, drawn: list[str]
) -> None:
    open_plots(page, scene, drawn[0])
    figure = page.get_by_role("figure", name="Confusion matrix (training)")
    cells = figure.locator("tbody td")
    expect(cells).to_have_text(["4080%", "1020%", "510%", "4590%"])
    figure.get_by_role("combobox").select_option("the predicted class")
    expect(cells).to_have_text(["4089%", "1018%", "511%", "4582%"])
    expect(figure).to_contain_text("85% of 100 rows are right. Most confused: ham taken for <img")
    deep, faint = (
        cells.nth(at).evaluate("cell => getComputedStyle(cell).backgroundColor") for at in (0, 2)
    )
    assert deep != faint
    assert page.evaluate("window.planted") is None


def test_a_curve_has_a_line_a_class_hides_them_and_is_read_under_the_pointer(
    page: Page, scene: Scene, drawn: list[str]
) -> None:
    open_plots(page, scene, drawn[0])
    figure = page.get_by_role("figure", name="ROC curve (training)")
    expect(figure.locator("path.line")).to_have_count(2)
    legend = figure.get_by_role("listitem")
    expect(legend).to_have_text(["class 0 AUC 0.9", "class 1 AUC 0.8"])
    legend.nth(1).get_by_role("button").click()
    expect(figure.locator("path.line")).to_have_count(1)
    drawing = figure.get_by_role("img")
    box = drawing.bounding_box()
    assert box is not None
    drawing.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(figure).to_contain_text("false positive rate 0.45")
    expect(legend.nth(0)).not_to_contain_text("AUC")
    expect(figure.locator("circle")).to_have_count(1)


def test_importances_are_the_greatest_twenty_or_all(
    page: Page, scene: Scene, drawn: list[str]
) -> None:
    open_plots(page, scene, drawn[0])
    figure = page.get_by_role("figure", name="Feature importance (gain)")
    expect(figure.locator("tbody tr")).to_have_count(20)
    expect(figure.locator("tbody th").first).to_have_text("feature 0")
    figure.get_by_role("button", name="Show all 30").click()
    expect(figure.locator("tbody tr")).to_have_count(30)


def test_pictures_are_walked_through_by_step(page: Page, scene: Scene, drawn: list[str]) -> None:
    open_plots(page, scene, drawn[0])
    figure = page.get_by_role("figure", name="Images val/mask")
    expect(figure.get_by_role("img")).to_have_attribute("alt", "val/mask of first at step 5")
    figure.get_by_role("slider").press("ArrowLeft")
    expect(figure.get_by_role("img")).to_have_attribute("alt", "val/mask of first at step 1")
    expect(figure).to_contain_text("step 1, 1 of 2")
    expect(figure.get_by_role("img")).to_have_js_property("naturalWidth", 8)


def test_compared_runs_have_curves_overlaid_and_matrices_side_by_side(
    page: Page, scene: Scene, drawn: list[str]
) -> None:
    page.goto(f"{scene.url}/#/compare?run={drawn[0]}&run={drawn[1]}")
    curves = page.get_by_role("figure", name="ROC curve (training)")
    expect(curves).to_have_count(1)
    expect(curves.locator("path.line")).to_have_count(4)
    expect(curves).to_contain_text("second, class 1 AUC 0.8")
    for name in ("first", "second"):
        expect(
            page.get_by_role("figure", name=f"Confusion matrix (training), {name}")
        ).to_be_visible()
    bars = page.get_by_role("figure", name="Feature importance (gain)")
    expect(bars.locator("tbody tr").first.locator(".bar")).to_have_count(2)
    expect(page.get_by_role("figure", name="Images val/mask").get_by_role("img")).to_have_count(2)


def open_file(page: Page, scene: Scene, run: str, name: str, folder: str = "") -> None:
    page.goto(f"{scene.url}/#/runs/{run}?tab=artifacts&folder={folder}")
    page.get_by_role("region", name="Files").get_by_role("link", name=name).click()


def test_markdown_is_a_document_and_never_markup(
    page: Page, scene: Scene, drawn: list[str]
) -> None:
    open_file(page, scene, drawn[0], "notes.md")
    shown = page.get_by_label("Preview of notes.md")
    expect(shown.get_by_role("heading", name="Report")).to_be_visible()
    expect(shown.locator("strong", has_text="good")).to_be_visible()
    expect(shown).to_contain_text(MARKUP)
    assert page.evaluate("window.planted") is None


def test_csv_and_logged_tables_are_tables(page: Page, scene: Scene, drawn: list[str]) -> None:
    open_file(page, scene, drawn[0], "rows.csv", "data")
    rows = page.get_by_role("table", name="data/rows.csv")
    expect(rows.get_by_role("columnheader")).to_have_text(["name", "age, in years"])
    expect(rows.get_by_role("row")).to_have_count(201)
    expect(page.get_by_text("The first 200 rows")).to_be_visible()
    open_file(page, scene, drawn[0], "answers.json")
    expect(page.get_by_role("table", name="answers.json").get_by_role("row").last).to_contain_text(
        MARKUP
    )
    assert page.evaluate("window.planted") is None


def test_a_long_text_is_shown_by_its_beginning_and_an_empty_one_says_so(
    page: Page, scene: Scene, drawn: list[str]
) -> None:
    open_file(page, scene, drawn[0], "long.log")
    expect(page.get_by_role("status").filter(has_text="The first")).to_contain_text(
        "The first 391 KiB of 977 KiB."
    )
    open_file(page, scene, drawn[0], "empty.txt")
    expect(page.get_by_text("The file is empty.")).to_be_visible()


def test_a_run_without_plots_says_how_to_log_them(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.url}/#/runs/{scene.runs[0]}?tab=plots")
    expect(page.get_by_role("heading", name="No plots were logged")).to_be_visible()
    expect(page.get_by_text("mainstay.log_dict(")).to_be_visible()
