"""An address is understood, or refused with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.connect import connect
from mainstay.connect.address import kind_of
from mainstay.errors import BadInput, Unavailable


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("sqlite:///mainstay.db", "sql"),
        ("sqlite://", "sql"),
        ("postgresql://u:p@h/n", "sql"),
        ("postgresql+psycopg://u:p@h/n", "sql"),
        ("http://localhost:5000", "http"),
        ("https://host/prefix", "http"),
    ],
)
def test_the_kind_of_an_address(uri: str, kind: str) -> None:
    assert kind_of(uri) == kind


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("mlruns", "mlruns. are not written"),
        ("./mlruns", "sqlite:///mainstay.db"),
        ("file:///srv/mlruns", "folder or file"),
        ("C:\\mlruns", "folder or file"),
        ("runs.db", "sqlite:///runs.db"),
        ("mysql+pymysql://u:p@h/n", "mysql databases are not supported"),
        ("databricks://profile", "names no tracking store"),
        ("sqlite:///no/such/folder/x.db", "does not exist"),
        ("http://", "not an address of a server"),
    ],
)
def test_an_address_that_leads_nowhere_says_what_would(
    uri: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=words):
        connect(uri)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_shows_no_password() -> None:
    with pytest.raises(BadInput) as refused:
        connect("mysql://ada:hunter2@host/name")
    assert "hunter2" not in refused.value.message


def test_a_database_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable) as caught:
        connect("postgresql://ada:hunter2@127.0.0.1:1/name")
    assert "hunter2" not in caught.value.message
