"""Signatures of versions: kept as evidence, which proves itself to whoever has the public key.

Evidence of the kind ``signature`` holds the bundle, the manifest that the version's digest is of,
and the public key. Nothing of it is believed: the bundle is verified against the manifest, the
manifest against the digest, and the key against those that are trusted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from mainstay.entities.release import Evidence
from mainstay.errors import BadInput, InvalidSignature
from mainstay.packaging import manifest, signing
from mainstay.packaging.manifest import Entry
from mainstay.packaging.signing import Key

KIND = "signature"
_HEX = frozenset("0123456789abcdef")


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What signature evidence holds. ``files`` are path, size and SHA-256."""

    bundle: str
    files: list[tuple[str, int, str]]
    key: str
    public_key: str


def evidence(name: str, version: int, bundle: str, entries: Iterable[Entry], key: Key) -> Evidence:
    """Return the evidence that a version's files were signed."""
    held = Signature(
        bundle=bundle,
        files=[(entry.path, entry.size, entry.sha256) for entry in sorted(entries)],
        key=key.fingerprint,
        public_key=key.pem,
    )
    return Evidence(
        evidence_id=_identity(name, version, bundle),
        name=name,
        version=version,
        version_digest=manifest.digest(entries),
        kind=KIND,
        values=msgspec.to_builtins(held),
    )


def of(found: Iterable[Evidence]) -> list[Evidence]:
    """Return the signatures among evidence."""
    return [item for item in found if item.kind == KIND]


def moved(item: Evidence, name: str, version: int) -> Evidence:
    """Return a signature as that of another version with the same files."""
    held = msgspec.convert(item.values, Signature)
    identity = _identity(name, version, held.bundle)
    return replace(item, name=name, version=version, evidence_id=identity, principal="", at=0)


def check_keys(keys: Sequence[str]) -> None:
    """See that each is a public key in PEM or the fingerprint of one. Raises: BadInput."""
    for key in keys:
        if not _is_fingerprint(key):
            signing.public_key(key)


def signers(
    found: Iterable[Evidence], digest: str | None, keys: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the fingerprints of trusted keys that signed these files, and why others do not count.

    ``keys`` are public keys in PEM, or their fingerprints.
    """
    good: set[str] = set()
    problems: list[str] = []
    for item in of(found):
        try:
            good.add(_signer(item, digest, keys))
        except (InvalidSignature, BadInput) as error:
            problems.append(error.message)
    return sorted(good), problems


def _identity(name: str, version: int, bundle: str) -> str:
    state = hashlib.sha256(f"{name}\n{version}\n{bundle}".encode())
    return f"signature-{state.hexdigest()[:32]}"


def _signer(item: Evidence, digest: str | None, keys: Sequence[str]) -> str:
    try:
        held = msgspec.convert(item.values, Signature)
    except msgspec.ValidationError as error:
        raise InvalidSignature("the signature evidence cannot be read") from error
    entries = [Entry(*file) for file in held.files]
    if digest is None or manifest.digest(entries) != digest:
        raise InvalidSignature("the signature is of other files")
    offered = signing.public_key(held.public_key)
    trusted = [offered] if offered.fingerprint in keys else []
    trusted += [signing.public_key(key) for key in keys if not _is_fingerprint(key)]
    return signing.verify(held.bundle, entries, trusted).fingerprint


def _is_fingerprint(text: str) -> bool:
    return len(text) == 64 and _HEX.issuperset(text)
