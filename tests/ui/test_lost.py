"""A run whose heartbeats stopped is shown as lost, one that never sent any as running."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mainstay.client import Client
from mainstay.entities.spool import Heartbeat, Record
from tests.ui.conftest import Scene
from tests.ui.test_pages import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_lost_is_said_in_the_list_and_on_the_page(page: Page, scene: Scene) -> None:
    client = Client(scene.url)
    experiment = client.create_experiment("killed")
    ids = {
        name: client.create_run(experiment, run_name=name).info.run_id
        for name in ("killed", "alive", "silent")
    }
    for name, every in {"killed": 0.001, "alive": 600.0}.items():
        beat = Record(1, Heartbeat(run_id=ids[name], at=1, every=every))
        client.tracking.apply(f"segment-of-{name}", [beat])
    deadline = time.monotonic() + 120
    while not client.get_pulses([ids["killed"]])[ids["killed"]].lost:
        assert time.monotonic() < deadline
    page.goto(f"{scene.url}/#/experiments/{experiment}")
    expect(page.get_by_role("link", name="killed")).to_be_visible()
    shown = {
        row.get_by_role("link").inner_text(): row.locator(".mark").inner_text()
        for row in page.locator("table.runs tbody tr[aria-selected]").all()
    }
    assert {name: text.split()[-1] for name, text in shown.items()} == {
        "killed": "lost",
        "alive": "running",
        "silent": "running",
    }
    page.get_by_role("link", name="killed").click()
    expect(page.get_by_role("heading", name="killed")).to_contain_text("lost")
    expect(page.get_by_text("unknown: its heartbeats stopped")).to_be_visible()
    page.goto(f"{scene.url}/#/runs/{ids['silent']}")
    expect(page.get_by_role("heading", name="silent")).to_contain_text("running")
