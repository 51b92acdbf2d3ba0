"""Signatures in the format of OpenSSF Model Signing, in both directions with its own package."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from model_signing import hashing as peer_hashing
from model_signing import signing as peer_signing
from model_signing import verifying as peer_verifying

from mainstay.errors import BadInput, InvalidSignature
from mainstay.packaging import manifest, signing

# The package has no types.
PeerSigning: Any = peer_signing.Config
PeerVerifying: Any = peer_verifying.Config
PeerHashing: Any = peer_hashing.Config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder such as a model has, with its manifest."""
    model = tmp_path / "model"
    (model / "data" / "deep").mkdir(parents=True)
    (model / "MLmodel").write_text("flavors: {}\n")
    (model / "data" / "weights.bin").write_bytes(bytes(range(256)) * 64)
    (model / "data" / "deep" / "ünï.txt").write_text("text")
    manifest.write(model)
    return model


def key_on(curve: ec.EllipticCurve, password: str | None = None) -> tuple[bytes, signing.Key]:
    key = ec.generate_private_key(curve)
    form = serialization.NoEncryption() if password is None else None
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        form or serialization.BestAvailableEncryption((password or "").encode()),
    )
    return private, signing.public_of(private, password=password)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_the_package_model_signing_verifies_what_we_signed(
    folder: Path, tmp_path: Path, curve: ec.EllipticCurve
) -> None:
    private, public = key_on(curve)
    (folder / signing.FILE).write_text(signing.sign(manifest.build(folder), private))
    (tmp_path / "key.pub").write_text(public.pem)
    peer = PeerVerifying().use_elliptic_key_verifier(public_key=tmp_path / "key.pub")
    peer.verify(folder, folder / signing.FILE)
    (folder / "data" / "weights.bin").write_bytes(b"other")
    with pytest.raises(ValueError, match=r"weights\.bin"):
        peer.verify(folder, folder / signing.FILE)


def test_we_verify_what_the_package_model_signing_signed(folder: Path, tmp_path: Path) -> None:
    private, public = key_on(ec.SECP256R1())
    (tmp_path / "key.pem").write_bytes(private)
    config = PeerSigning().use_elliptic_key_signer(private_key=tmp_path / "key.pem")
    config.sign(folder, tmp_path / "by_peer.sig")
    bundle = (tmp_path / "by_peer.sig").read_text()
    assert signing.verify(bundle, manifest.build(folder), [public]) == public

    shards = PeerHashing().use_shard_serialization(shard_size=64)
    config.set_hashing_config(shards).sign(folder, tmp_path / "shards.sig")
    with pytest.raises(InvalidSignature):
        signing.verify((tmp_path / "shards.sig").read_text(), manifest.build(folder), [public])


def test_a_signature_finds_its_key_among_several(folder: Path) -> None:
    entries = manifest.build(folder)
    keys = [key_on(ec.SECP256R1()), key_on(ec.SECP384R1()), key_on(ec.SECP256R1())]
    bundle = signing.sign(entries, keys[2][0])
    assert signing.verify(bundle, entries, [public for _, public in keys]) == keys[2][1]
    with pytest.raises(InvalidSignature, match="none of the keys"):
        signing.verify(bundle, entries, [public for _, public in keys[:2]])


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename"])
def test_other_files_are_not_those_that_were_signed(folder: Path, change: str) -> None:
    private, public = key_on(ec.SECP256R1())
    bundle = signing.sign(manifest.build(folder), private)
    weights = folder / "data" / "weights.bin"
    if change == "edit":
        weights.write_bytes(b"\xff" + weights.read_bytes()[1:])
    elif change == "add":
        (folder / "sitecustomize.py").write_text("")
    elif change == "remove":
        weights.unlink()
    else:
        weights.rename(folder / "weights.bin")
    with pytest.raises(InvalidSignature, match="not those that were signed"):
        signing.verify(bundle, manifest.build(folder), [public])


def test_a_statement_that_was_changed_after_signing_is_refused(folder: Path) -> None:
    private, public = key_on(ec.SECP256R1())
    entries = manifest.build(folder)
    bundle = json.loads(signing.sign(entries, private))
    payload = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    payload["predicate"]["resources"] = []
    forged = base64.b64encode(json.dumps(payload).encode()).decode()
    bundle["dsseEnvelope"]["payload"] = forged
    with pytest.raises(InvalidSignature, match="none of the keys"):
        signing.verify(json.dumps(bundle), [], [public])


@pytest.mark.parametrize(
    "bundle",
    ["", "[]", "{}", "null", '{"dsseEnvelope": 3}', '{"dsseEnvelope": {"payload": "!"}}'],
)
def test_what_is_no_bundle_is_refused_in_words(bundle: str) -> None:
    with pytest.raises(InvalidSignature, match="no OMS bundle"):
        signing.verify(bundle, [], [])


def test_a_key_under_a_password_needs_it(folder: Path) -> None:
    private, public = key_on(ec.SECP256R1(), "open sesame")
    entries = manifest.build(folder)
    bundle = signing.sign(entries, private, password="open sesame")
    assert signing.verify(bundle, entries, [public]) == public
    for wrong in (None, "guess"):
        with pytest.raises(BadInput, match="private key"):
            signing.sign(entries, private, password=wrong)


def test_keys_that_cannot_be_used_are_refused() -> None:
    other = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    pem = other.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    public = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(BadInput, match="EC key"):
        signing.sign([], pem)
    with pytest.raises(BadInput, match="EC key"):
        signing.public_key(public)
    with pytest.raises(BadInput, match="PEM"):
        signing.public_key("ssh-rsa AAAA")
