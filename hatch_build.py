"""Build hook: put the web UI into the package, so that a wheel needs no Node.js to install.

The UI is built when it is not there yet. A source distribution carries it built. An editable
install leaves it alone: `make ui` builds it where the sources are.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = Path("src/mainstay/server/static/index.html")


class BuildUi(BuildHookInterface[Any]):
    """Runs ``npm ci`` and ``npm run build`` in ``ui/``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the UI unless it is there or the install is editable."""
        root = Path(self.root)
        if version == "editable" or (root / STATIC).exists():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "building mainstay from its sources needs Node.js 20 or newer for the web UI; "
                "install Node.js, or install a wheel, which has the UI built"
            )
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=root / "ui", check=True)
        subprocess.run([npm, "run", "build"], cwd=root / "ui", check=True)
