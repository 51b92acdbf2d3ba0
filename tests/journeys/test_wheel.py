"""The wheel holds the built UI: its installed copy serves it where there is no Node.js."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import urllib3

from tests.journeys.test_quickstart import wait_until_healthy
from tests.support.parts import PROJECT, require


def test_an_installed_wheel_serves_the_ui_without_node(tmp_path: Path) -> None:
    require("ui")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"),
            *("--quiet", "-w", str(tmp_path), str(PROJECT)),
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("mainstay-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "mainstay/server/static/index.html" in names
    assert not [name for name in names if name.endswith(".map")]
    python = installed(wheel, tmp_path / "venv")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # An empty PATH: whatever Node.js this machine has cannot be found.
    server = subprocess.Popen(
        [str(python), "-m", "mainstay", "ui", "--port", str(port)],
        cwd=tmp_path,
        env={"PATH": "", "HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, server)
        page = urllib3.request("GET", url)
        assert page.status == 200
        assert b'<div id="app">' in page.data
    finally:
        server.terminate()
        server.communicate(timeout=120)


def installed(wheel: Path, folder: Path) -> Path:
    """Install the wheel into a fresh environment that sees this one's other packages."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    site = next(folder.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    others = [path for path in sys.path if path.endswith("site-packages")]
    # Paths alone, no .pth of theirs: an editable mainstay there must not come into play.
    (site / "others.pth").write_text(os.linesep.join(others))
    where = subprocess.run(
        [str(python), "-c", "import mainstay; print(mainstay.__file__)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(folder))
    return python
