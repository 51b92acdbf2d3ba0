"""What a start loads: nothing that only few servers, or few requests, need."""

from __future__ import annotations

import subprocess
import sys

LATER = (
    *("alembic", "argon2", "html", "numpy", "packaging", "pandas", "prometheus_client"),
    *("psycopg", "sklearn", "yaml"),
)

START = """
import sys
from mainstay.server.app import App
from mainstay.server.run import Options
from mainstay.server.services import open_services
opened = open_services(Options(backend_store_uri="sqlite://"))
App(opened.services, opened.database)
opened.close()
print(*sorted(sys.modules))
"""


def test_a_start_loads_nothing_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"sqlalchemy", "uvicorn", "mainstay.server.app"} <= loaded
    assert not loaded & set(LATER)
