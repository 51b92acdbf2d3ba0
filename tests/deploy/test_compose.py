"""The compose file: read by a real parser, and true to what the server offers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mainstay import __version__, settings
from mainstay.server.run import DRAIN_SECONDS
from tests.support.parts import PROJECT, require

FILE = PROJECT / "deploy" / "compose.yaml"
PASSWORDS = {"POSTGRES_PASSWORD": "one", "OBJECTS_PASSWORD": "two", "ADMIN_PASSWORD": "three"}


def config(**environment: str) -> subprocess.CompletedProcess[str]:
    require("containers")
    return subprocess.run(
        [sys.executable, "-m", "podman_compose", "-f", str(FILE), "config"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    done = config(**PASSWORDS)
    assert done.returncode == 0, done.stderr
    found = yaml.safe_load(done.stdout)["services"]
    assert isinstance(found, dict)
    return found


def test_two_servers_wait_for_the_schema_that_waits_for_the_database(
    services: dict[str, Any],
) -> None:
    assert services["server"]["deploy"]["replicas"] == 2
    assert services["server"]["depends_on"]["prepare"] == {
        "condition": "service_completed_successfully"
    }
    assert services["prepare"]["depends_on"]["database"] == {"condition": "service_healthy"}


def test_variables_are_settings_and_passwords_come_from_outside(services: dict[str, Any]) -> None:
    known = {name for setting in settings.all_settings() for name in setting.variables}
    given = services["server"]["environment"]
    ours = {name for name in given if not name.startswith("AWS_")}
    assert ours <= known
    assert given["MAINSTAY_BACKEND_STORE_URI"] == "postgresql://mainstay:one@database/mainstay"
    assert "ADMIN_PASSWORD" not in given
    text = FILE.read_text()
    assert text.count(":?set it in .env}") == 6


def test_without_passwords_nothing_starts() -> None:
    done = config(POSTGRES_PASSWORD="", OBJECTS_PASSWORD="", ADMIN_PASSWORD="")
    assert done.returncode != 0
    assert "set it in .env" in done.stderr + done.stdout


def test_every_image_has_a_tag_that_says_which_release_it_is(services: dict[str, Any]) -> None:
    images = [service["image"] for service in services.values()]
    assert f"mainstay-server:{__version__}" in images
    tags = [image.rpartition(":")[2] for image in images]
    assert [tag for tag in tags if tag == "latest" or "/" in tag or not tag] == []


def test_the_balancer_passes_on_to_the_port_that_servers_listen_on() -> None:
    text = (PROJECT / "deploy" / "nginx.conf").read_text()
    assert "http://server:5000" in text
    assert "EXPOSE 5000" in (PROJECT / "Dockerfile").read_text()
    assert "$http_host" in text  # the server checks the name it is called by


def test_a_server_has_time_to_finish_what_it_holds(services: dict[str, Any]) -> None:
    assert int(services["server"]["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS


def test_files_that_are_mounted_are_there(services: dict[str, Any]) -> None:
    mounted = [v for v in services["balancer"]["volumes"] if str(v).startswith(".")]
    for volume in mounted:
        assert Path(FILE.parent, str(volume).partition(":")[0]).is_file()
    assert mounted
