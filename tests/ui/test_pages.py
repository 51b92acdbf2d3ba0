"""The pages, as a person uses them: in a real Chromium, on a real server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.parts import PROJECT
from tests.ui.conftest import MARKUP, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = PROJECT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PLACES = [
    *("", "experiments/{experiment}", "runs/{run}", "runs/{run}?tab=charts"),
    *("runs/{run}?tab=plots", "runs/{run}?tab=artifacts&folder=reports&file=reports/matrix.json"),
    *("runs/{run}?tab=artifacts", "compare?run={run}&run={other}", "models", "models/tumour"),
    *("models/tumour/2", "models/tumour/2?tab=gate", "models/tumour/2?tab=compare&with=1"),
    *("models/tumour/2?tab=card", "approvals", "compare?run={run}&run={other}&run={third}"),
    *("deployments", "audit", "nowhere"),
]


def expect(thing: Any) -> Any:
    from playwright.sync_api import expect as playwright_expect

    return playwright_expect(thing)


def open_runs(page: Page, scene: Scene) -> None:
    page.goto(scene.url)
    page.get_by_role("link", name="tumour").click()
    expect(page.get_by_role("heading", name="tumour")).to_be_visible()


def names(page: Page) -> list[str]:
    return page.locator("table.runs tbody a").all_inner_texts()


def test_the_front_page_leads_to_an_experiment_and_its_runs(page: Page, scene: Scene) -> None:
    open_runs(page, scene)
    expect(page.get_by_role("link", name="run-2")).to_be_visible()
    assert names(page) == ["run-2", "run-1", "run-0"]


def test_a_click_on_a_column_sorts_and_another_turns_it_round(page: Page, scene: Scene) -> None:
    open_runs(page, scene)
    auc = page.get_by_role("columnheader", name="auc")
    auc.get_by_role("button", name="auc", exact=True).click()
    expect(auc).to_have_attribute("aria-sort", "descending")
    expect(page.locator("table.runs tbody a").first).to_have_text("run-2")
    auc.get_by_role("button", name="auc", exact=True).click()
    expect(auc).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("table.runs tbody a").first).to_have_text("run-0")


def test_a_filter_narrows_stays_in_the_address_and_goes(page: Page, scene: Scene) -> None:
    open_runs(page, scene)
    box = page.get_by_role("combobox", name="Filter runs")
    box.fill("metrics.auc > 0.905 and params.model = 'logistic'")
    box.press("Enter")
    expect(page.locator("table.runs tbody a")).to_have_count(1)
    assert names(page) == ["run-1"]
    page.reload()
    expect(page.locator("table.runs tbody a")).to_have_count(1)
    page.get_by_role("button", name="remove filter").click()
    expect(page.locator("table.runs tbody a")).to_have_count(3)


def test_a_run_shows_parameters_metrics_a_chart_and_files(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.url}/#/runs/{scene.runs[0]}")
    expect(page.get_by_role("heading", name="run-0")).to_be_visible()
    expect(page.get_by_role("row", name="model forest")).to_be_visible()
    expect(page.get_by_role("row", name="auc 0.9")).to_be_visible()
    expect(page.get_by_role("row", name="odd NaN")).to_be_visible()
    page.get_by_role("link", name="Charts").click()
    chart = page.get_by_role("figure", name="Chart of loss")
    expect(chart.locator("canvas")).to_be_visible()
    # The one-point spike at the end is what the legend says, whatever was merged.
    expect(chart).to_contain_text("90")
    page.get_by_role("link", name="Artifacts").click()
    page.get_by_role("link", name="reports/").click()
    page.get_by_role("link", name="matrix.json").click()
    expect(page.get_by_label("Preview of reports/matrix.json")).to_contain_text("malignant")


def test_selected_runs_are_compared_with_an_overlaid_chart(page: Page, scene: Scene) -> None:
    open_runs(page, scene)
    for name in ("run-0", "run-1"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()
    parameters = page.get_by_role("table", name="Parameters")
    expect(parameters).to_contain_text("forest")
    expect(parameters).to_contain_text("logistic")
    # The seed is the same in both, so it stays away until it is asked for.
    expect(parameters).not_to_contain_text("seed")
    page.get_by_role("checkbox", name="only what differs").uncheck()
    expect(parameters).to_contain_text("seed")
    legend = page.get_by_role("figure", name="Chart of loss").get_by_role("listitem")
    expect(legend).to_have_count(2)


def test_a_model_shows_versions_aliases_verdicts_and_history(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.url}/#/models")
    page.get_by_role("link", name="tumour").click()
    versions = page.get_by_role("table", name="Versions")
    expect(versions.get_by_role("row").nth(2)).to_contain_text("champion")
    expect(versions.get_by_role("row").nth(1)).to_contain_text("fail")
    page.get_by_text("Version 2:").click()
    expect(page.get_by_role("table", name="Checks of version 2")).to_contain_text("0.5")
    expect(page.get_by_role("table", name="Alias history")).to_contain_text("nobody → version 1")


def test_an_alias_moves_only_where_its_gate_says_yes(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.url}/#/models/tumour")
    versions = page.get_by_role("table", name="Versions")
    versions.get_by_role("link", name="2", exact=True).click()
    expect(page.get_by_role("heading", name="tumour, version 2")).to_be_visible()
    page.get_by_role("link", name="Gate", exact=True).click()
    form = page.get_by_role("form", name="Move an alias")
    move = form.get_by_role("button", name="Move to version 2")
    expect(move).to_be_disabled()
    form.get_by_label("Alias").fill("champion")
    expect(move).to_be_disabled()
    form.get_by_role("button", name="Ask the gate").click()
    checks = form.get_by_role("table", name="Checks of version 2")
    expect(checks).to_contain_text("0.5")
    expect(form).to_contain_text("fail for @champion: auc threshold")
    expect(move).to_be_disabled()
    form.get_by_label("Alias").fill("latest")
    expect(form).to_contain_text("cannot be moved")
    form.get_by_label("Alias").fill("shadow")
    expect(form).to_contain_text("No gate stands before @shadow")
    form.get_by_label("Reason").fill("to look at it")
    move.click()
    expect(form).to_contain_text("@shadow is version 2 now")
    expect(page.get_by_role("heading", level=1)).to_contain_text("@shadow")
    trail = page.get_by_role("navigation", name="Breadcrumb")
    trail.get_by_role("link", name="tumour").click()
    history = page.get_by_role("table", name="Alias history")
    expect(history.get_by_role("row", name="@shadow")).to_contain_text("to look at it")


def test_a_card_is_shown_edited_and_exported(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.url}/#/models/tumour/1?tab=card")
    expect(page.get_by_role("table", name="Evaluation")).to_contain_text("0.9")
    page.get_by_role("button", name="Edit Limitations and risks").click()
    page.get_by_role("textbox", name="Limitations and risks").fill(f"Not for children.\n{MARKUP}")
    page.get_by_role("button", name="Save").click()
    part = page.get_by_role("region", name="Limitations and risks")
    expect(part).to_contain_text("Not for children.")
    assert page.evaluate("window.planted") is None
    with page.expect_download() as waiting:
        page.get_by_role("link", name="tumour-1.md").click()
    text = waiting.value.path().read_text()
    assert text.startswith("# tumour, version 1")
    assert "Not for children." in text


def test_two_versions_are_compared(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.url}/#/models/tumour/2?tab=compare")
    page.get_by_label("With version").select_option("1")
    changed = page.get_by_role("table", name="Parameters that differ")
    expect(changed.get_by_role("row", name="model")).to_contain_text("logistic")
    expect(changed).not_to_contain_text("seed")
    assert "with=1" in page.url
    page.reload()
    expect(page.get_by_role("table", name="Metrics that differ")).to_contain_text("0.91")


def test_text_of_users_is_never_markup(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.url}/#/runs/{scene.runs[0]}")
    expect(page.get_by_role("cell", name=MARKUP)).to_be_visible()
    assert page.evaluate("window.planted") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES)
def test_a_page_is_accessible(page: Page, scene: Scene, place: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    address = place.format(
        experiment=scene.experiment_id, run=scene.runs[0], other=scene.runs[1], third=scene.runs[2]
    )
    page.goto(f"{scene.url}/#/{address}")
    expect(page.locator("main")).not_to_have_text(re.compile("^$"))
    expect(page.locator(".waiting")).to_have_count(0)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})")
    assert [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in found["violations"]
    ] == []


def test_the_table_is_usable_by_keyboard_alone(page: Page, scene: Scene) -> None:
    open_runs(page, scene)
    page.get_by_role("combobox", name="Filter runs").focus()
    page.keyboard.type("metrics.auc > 0.915")
    page.keyboard.press("Enter")
    expect(page.locator("table.runs tbody a")).to_have_count(1)
    page.get_by_role("link", name="run-2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="run-2")).to_be_visible()
