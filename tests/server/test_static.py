"""The web UI is served from the package; without it a page says how to build it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mainstay.server import static


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<html>ui</html>")
    (folder / "assets" / "app-1a2b.js").write_text("run()")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


def test_the_front_page_may_run_only_our_own_scripts_and_is_asked_for_again(built: Path) -> None:
    page = static.serve("/", "GET", folder=built)
    assert page is not None
    assert page.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_hashed_assets_are_kept_for_ever_and_typed(built: Path) -> None:
    asset = static.serve("/assets/app-1a2b.js", "GET", folder=built)
    assert asset is not None
    assert asset.headers["content-type"].startswith("text/javascript")
    assert "immutable" in asset.headers["cache-control"]


def test_an_asset_goes_out_packed_to_who_takes_that(built: Path) -> None:
    (built / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"run()"))
    packed = static.serve("/assets/app-1a2b.js", "GET", accept="br, gzip", folder=built)
    plain = static.serve("/assets/app-1a2b.js", "GET", accept="br", folder=built)
    assert packed is not None
    assert plain is not None
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    for answer in (packed, plain):
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/experiments/1", "/runs/a", "/models/churn.v2", "/compare"])
def test_plain_addresses_of_pages_lead_to_the_ui(built: Path, path: str) -> None:
    answer = static.serve(path, "GET", prefix="/p", folder=built)
    assert answer is not None
    assert (answer.status_code, answer.headers["location"]) == (302, f"/p/#{path}")


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/link.txt", "/../secret.txt", "/assets", "/assets/none.js", "/api/x", "/a\x00b"],
)
def test_everything_else_is_not_here(built: Path, path: str) -> None:
    assert static.serve(path, "GET", folder=built) is None


def test_nothing_is_written_through_the_ui(built: Path) -> None:
    assert static.serve("/", "POST", folder=built) is None


def test_an_unbuilt_ui_says_how_to_build_it(tmp_path: Path) -> None:
    page = static.serve("/", "GET", folder=tmp_path)
    assert page is not None
    assert b"make ui" in bytes(page.body)
