"""What is sent, how it is signed, and how secrets are kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from mainstay.errors import BadInput
from mainstay.webhooks import kinds, secrets, signing
from mainstay.wire.webhooks import MLFLOW_EVENTS

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OTHER = base64.urlsafe_b64encode(bytes(range(1, 33))).decode()


def test_a_signature_is_the_one_that_mlflow_documents() -> None:
    body = b'{"entity":"registered_model"}'
    found = signing.sign("s3cret", delivery_id="id-1", timestamp="1700000000", body=body)
    message = b"id-1.1700000000." + body
    wanted = base64.b64encode(hmac.new(b"s3cret", message, hashlib.sha256).digest()).decode()
    assert found == f"v1,{wanted}"
    rest = {"delivery_id": "id-1", "timestamp": "1700000000"}
    assert signing.verify("s3cret", found, body=body, **rest)
    assert not signing.verify("s3cret", found, body=body + b" ", **rest)
    assert not signing.verify("other", found, body=body, **rest)


def test_a_signature_that_mlflow_sent_is_right() -> None:
    # Recorded: a test delivery of MLflow 3.17.2, with its spaces.
    body = (
        b'{"entity": "model_version_alias", "action": "deleted", "timestamp": '
        b'"2026-11-21T10:46:07.851959+00:00", "data": {"name": "example_model", '
        b'"alias": "example_alias"}}'
    )
    assert signing.verify(
        "s3cret",
        "v1,FSPIMxeYmlUiFTx5+R3ghHxg25qCluw0koEUVrEfVI0=",
        delivery_id="2176df56-9f6f-4e4e-9bab-f370ff03945d",
        timestamp="1795257967",
        body=body,
    )


def test_without_a_secret_there_is_no_signature() -> None:
    found = signing.headers(None, delivery_id="id", timestamp="1", body=b"")
    assert found == {"X-MLflow-Delivery-Id": "id", "X-MLflow-Timestamp": "1"}


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_has_a_sample_with_the_four_fields(kind: str) -> None:
    said = json.loads(kinds.sample(kind, at=1_700_000_000_123))
    assert list(said) == ["entity", "action", "timestamp", "data"]
    assert f"{said['entity']}.{said['action']}" == kind
    assert said["timestamp"] == "2023-11-14T22:13:20.123000+00:00"
    assert said["data"]
    assert isinstance(said["data"].get("version", ""), str)


def test_mlflows_kinds_are_the_ones_that_its_client_knows() -> None:
    assert set(kinds.MLFLOW) == MLFLOW_EVENTS


def test_an_event_that_nothing_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"'exploded'.*'created'.*'transitioned'"):
        kinds.check(["model_version.exploded"])
    with pytest.raises(BadInput, match=r"Valid entities are.*model_version_alias"):
        kinds.check(["user.created"])
    assert kinds.check(["alert.firing", "alert.firing"]) == ("alert.firing",)


def test_a_secret_is_stored_under_the_key_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_WEBHOOK_SECRET_ENCRYPTION_KEY", KEY)
    stored = secrets.seal("s3cret")
    assert "s3cret" not in stored
    assert secrets.unseal(stored) == "s3cret"
    monkeypatch.setenv("MAINSTAY_WEBHOOK_SECRET_ENCRYPTION_KEY", f"{OTHER},{KEY}")
    assert secrets.unseal(stored) == "s3cret"
    monkeypatch.setenv("MAINSTAY_WEBHOOK_SECRET_ENCRYPTION_KEY", OTHER)
    with pytest.raises(secrets.LostKey, match="new secret"):
        secrets.unseal(stored)
    monkeypatch.delenv("MAINSTAY_WEBHOOK_SECRET_ENCRYPTION_KEY")
    with pytest.raises(secrets.LostKey):
        secrets.unseal(stored)


def test_a_secret_cannot_pass_for_a_stored_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAINSTAY_WEBHOOK_SECRET_ENCRYPTION_KEY", raising=False)
    assert secrets.unseal(secrets.seal("fernet:x")) == "fernet:x"


def test_a_key_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_WEBHOOK_SECRET_ENCRYPTION_KEY", "short")
    with pytest.raises(BadInput, match="Fernet key"):
        secrets.seal("x")
