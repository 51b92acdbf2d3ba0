"""Addresses: every form is read, and what is none of them is refused with the forms."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import uris
from mainstay.errors import BadInput


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("models:/churn/3", uris.ModelUri(name="churn", version=3)),
        ("models:/churn@champion", uris.ModelUri(name="churn", alias="champion")),
        ("models:/churn/Production", uris.ModelUri(name="churn", stage="Production")),
        ("models:/churn/production", uris.ModelUri(name="churn", stage="Production")),
        ("models:/churn/latest", uris.ModelUri(name="churn", latest=True)),
        ("models:/m-" + "0" * 32, uris.ModelUri(model_id="m-" + "0" * 32)),
        ("models:/a@b@c", uris.ModelUri(name="a@b", alias="c")),
        ("runs:/0af1/model/x", uris.RunUri(run_id="0af1", path="model/x")),
        ("runs:/0af1", uris.RunUri(run_id="0af1")),
        ("s3://bucket/key", uris.PlainUri(uri="s3://bucket/key", scheme="s3")),
        ("folder/model", uris.PlainUri(uri="folder/model")),
    ],
)
def test_every_form_is_read(text: str, found: uris.Uri) -> None:
    assert uris.parse(text) == found


@pytest.mark.parametrize(
    "text", ["", " ", "models:/", "models:/churn", "models:/churn/three", "models:/a/1/b", "runs:/"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        uris.parse(text)


@given(st.text())
def test_nothing_but_bad_input_is_ever_raised(text: str) -> None:
    with suppress(BadInput):
        assert isinstance(uris.parse(text), uris.Uri)


def test_a_database_beside_us_means_the_same_from_elsewhere(tmp_path: Path) -> None:
    assert uris.absolute("sqlite:///runs.db") == f"sqlite:///{Path.cwd()}/runs.db"
    for same in (f"sqlite:///{tmp_path}/runs.db", "sqlite://", "postgresql://host/name"):
        assert uris.absolute(same) == same
