"""Probes: alive says nothing more; ready means that writes would be taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from mainstay.errors import Unavailable
from mainstay.server.readiness import Readiness
from mainstay.server.space import Space
from mainstay.stores.sql.database import Database
from tests.support.server import RunningServer

AWAY = "ALTER TABLE experiments RENAME TO elsewhere"


def test_a_running_server_is_alive_and_ready_under_any_name(server: RunningServer) -> None:
    for path in ("/livez", "/readyz"):
        answer = server.request("GET", path, headers={"Host": "10.0.0.9.nip.example"})
        assert (answer.status, answer.body) == (200, b"OK")


def test_a_server_without_room_is_alive_and_not_ready(tmp_path: Path) -> None:
    environment = {"MAINSTAY_DISK_RESERVE": str(1 << 60)}
    with RunningServer(tmp_path, environment=environment) as server:
        assert server.request("GET", "/livez").status == 200
        answer = server.request("GET", "/readyz")
        assert answer.status == 503
        assert "room" in str(answer.json["message"])
        assert str(tmp_path) not in answer.body.decode(), "probes tell nothing of the inside"


def test_a_database_that_takes_no_writes_is_not_ready(database_uri: str) -> None:
    database = Database(database_uri)
    readiness = Readiness([database], Space())
    readiness.check()
    database.write(lambda connection: connection.execute(text(AWAY)))
    broken = Readiness([database], Space())
    with pytest.raises(Unavailable, match="does not take writes"):
        broken.check()
    database.close()
