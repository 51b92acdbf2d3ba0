"""The docs cannot lag: their code runs, and what users meet is in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay import settings
from mainstay.cli.main import COMMANDS
from tests.support import api_page
from tests.support.parts import PROJECT

PAGES = sorted([*(PROJECT / "docs").glob("*.md"), PROJECT / "README.md"])
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def text_of_docs() -> str:
    return "\n".join(page.read_text() for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    blocks = BLOCK.findall(page.read_text())
    if not blocks:
        assert "```python" not in page.read_text()
        return
    script = tmp_path / "page.py"
    script.write_text("\n".join(blocks))
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("MAINSTAY_")},
        "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
        "MAINSTAY_CACHE_DIR": str(tmp_path / "cache"),
    }
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{page.name}:\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    targets = [t for t in LINK.findall(page.read_text()) if "://" not in t]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_every_setting_is_documented() -> None:
    page = (PROJECT / "docs" / "settings.md").read_text()
    variables = [name for setting in settings.all_settings() for name in setting.variables]
    assert [name for name in variables if f"`{name}`" not in page] == []


def test_every_command_is_documented() -> None:
    text = text_of_docs()
    assert [name for name in COMMANDS if f"mainstay {name}" not in text] == []


def test_every_endpoint_is_documented() -> None:
    assert api_page.PAGE.read_text() == api_page.page(), "run `just api`"


def test_every_check_and_detector_is_documented() -> None:
    from mainstay.promotion.checks import CHECKS
    from mainstay.statistics.detectors import DETECTORS

    gates = (PROJECT / "docs" / "gates.md").read_text()
    monitoring = (PROJECT / "docs" / "monitoring.md").read_text()
    assert [name for name in CHECKS.names() if f"`{name}`" not in gates] == []
    assert [name for name in DETECTORS.names() if f"`{name}`" not in monitoring] == []
