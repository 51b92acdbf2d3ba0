"""Signatures over a model's files, in the format of OpenSSF Model Signing (OMS), by EC keys.

A signature is a Sigstore bundle: a DSSE envelope around an in-toto statement whose predicate
``https://model_signing/signature/v1.0`` lists every file with its SHA-256. The package
``model-signing`` verifies ours and we verify its own, where it hashed whole files.
Sources: the DSSE protocol v1.0.0, the in-toto Statement v1, the Sigstore bundle v0.3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mainstay.errors import BadInput, InvalidSignature
from mainstay.packaging.manifest import LEFT_OUT, Entry

FILE = "model.sig"
"""Where a signature lies in a folder; it signs everything else."""

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"
CURVES = {"secp256r1": 256, "secp384r1": 384, "secp521r1": 521}


class Key(msgspec.Struct, frozen=True):
    """A public key: its PEM text, and the SHA-256 of that, by which it is called."""

    pem: str
    fingerprint: str


def sign(entries: Iterable[Entry], private_key: bytes, *, password: str | None = None) -> str:
    """Return the signature of these files as a bundle's JSON.

    ``private_key`` is a PEM file's content, of an EC key on P-256, P-384 or P-521.
    Raises: BadInput (no such key, a wrong password).
    """
    key = _private(private_key, password)
    payload = msgspec.json.format(msgspec.json.encode(_statement(sorted(entries))), indent=2)
    signature = key.sign(_pae(payload), _ecdsa(key.public_key()))
    bundle = {
        "mediaType": BUNDLE,
        "verificationMaterial": {
            "publicKey": {"hint": _key_of(key.public_key()).fingerprint},
            "tlogEntries": [],
        },
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD,
            "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
        },
    }
    return msgspec.json.encode(bundle).decode()


def verify(bundle: str, entries: Iterable[Entry], keys: Sequence[Key]) -> Key:
    """Return the key that signed exactly these files.

    Raises: InvalidSignature, saying what does not hold.
    """
    try:
        envelope = msgspec.json.decode(bundle)["dsseEnvelope"]
        payload = base64.b64decode(envelope["payload"], validate=True)
        signature = base64.b64decode(envelope["signatures"][0]["sig"], validate=True)
        kind = envelope["payloadType"]
        statement = msgspec.json.decode(payload)
    except (msgspec.DecodeError, binascii.Error, KeyError, IndexError, TypeError) as error:
        raise InvalidSignature("the signature is no OMS bundle") from error
    if kind != PAYLOAD:
        raise InvalidSignature(f"the signature is over {str(kind)[:80]!r}, not over a statement")
    found = next((key for key in keys if _signed(key, payload, signature)), None)
    if found is None:
        raise InvalidSignature("the signature is by none of the keys that are trusted")
    _compare(statement, sorted(entries))
    return found


def public_key(pem: str | bytes) -> Key:
    """Read a public key in PEM. Raises: BadInput."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = pem.encode() if isinstance(pem, str) else pem
    try:
        key = load_pem_public_key(data)
    except ValueError as error:
        raise BadInput("this is no public key in PEM format (BEGIN PUBLIC KEY)") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in CURVES:
        raise BadInput("the public key is not an EC key on P-256, P-384 or P-521")
    return _key_of(key)


def public_of(private_key: bytes, *, password: str | None = None) -> Key:
    """Return the public half of a private key. Raises: BadInput."""
    return _key_of(_private(private_key, password).public_key())


def generate() -> tuple[bytes, bytes]:
    """Make a key on P-256; return the private and the public half in PEM."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    return private, _key_of(key.public_key()).pem.encode()


def _statement(entries: Sequence[Entry]) -> dict[str, Any]:
    root = hashlib.sha256(b"".join(bytes.fromhex(entry.sha256) for entry in entries))
    return {
        "_type": STATEMENT,
        "subject": [{"name": "model", "digest": {"sha256": root.hexdigest()}}],
        "predicateType": PREDICATE,
        "predicate": {
            "serialization": {
                "method": "files",
                "ignore_paths": sorted(LEFT_OUT),
                "allow_symlinks": False,
                "hash_type": "sha256",
            },
            "resources": [
                {"name": entry.path, "algorithm": "sha256", "digest": entry.sha256}
                for entry in entries
            ],
        },
    }


def _compare(statement: Any, entries: Sequence[Entry]) -> None:
    """See that a signed statement is about these files and no others. Raises: InvalidSignature."""
    try:
        if (statement["_type"], statement["predicateType"]) != (STATEMENT, PREDICATE):
            raise InvalidSignature("what was signed is no model, or by an older format")
        resources = statement["predicate"]["resources"]
        kinds = {item["algorithm"] for item in resources}
        listed = {item["name"]: item["digest"] for item in resources}
    except (KeyError, TypeError) as error:
        raise InvalidSignature("what was signed does not list a model's files") from error
    if kinds - {"sha256"}:
        raise InvalidSignature(f"the files were hashed by {', '.join(sorted(kinds))}, not SHA-256")
    signed = {name: digest for name, digest in listed.items() if name not in LEFT_OUT}
    there = {entry.path: entry.sha256 for entry in entries if entry.path not in LEFT_OUT}
    differ = sorted(name for name in {*signed, *there} if signed.get(name) != there.get(name))
    if differ:
        more = " …" if len(differ) > 5 else ""
        raise InvalidSignature(
            f"the files are not those that were signed: {', '.join(differ[:5])}{more}"
        )


def _signed(key: Key, payload: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature as Wrong
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    public: Any = load_pem_public_key(key.pem.encode())
    try:
        public.verify(signature, _pae(payload), _ecdsa(public))
    except Wrong:
        return False
    return True


def _pae(payload: bytes) -> bytes:
    """Return the pre-authentication encoding of DSSE, which is what is signed."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def _ecdsa(public: Any) -> Any:
    """Return ECDSA with the hash that goes with the curve, as Sigstore names them."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    fitting = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
    return ec.ECDSA(fitting[public.curve.key_size])


def _private(pem: bytes, password: str | None) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password.encode() if password else None)
    except (ValueError, TypeError) as error:
        raise BadInput(f"the private key cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in CURVES:
        raise BadInput("the private key is not an EC key on P-256, P-384 or P-521")
    return key


def _key_of(public: Any) -> Key:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Key(pem.decode(), hashlib.sha256(pem).hexdigest())
