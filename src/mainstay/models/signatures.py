"""Sign a model's files, and see who signed them: a registered version, or a folder.

The signature of a version is kept by the registry as evidence; that of a folder lies in it as
``model.sig``, where the tool ``model_signing`` finds it too.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from mainstay import settings
from mainstay.entities.release import Evidence
from mainstay.errors import BadInput, InvalidSignature
from mainstay.models.sources import ModelStores, Resolved
from mainstay.packaging import manifest, signing
from mainstay.packaging.signing import Key
from mainstay.promotion import signatures


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A signature that was made: of what, by which key."""

    model: str
    digest: str
    key: str
    files: int
    where: str


def sign(
    folder: Path,
    resolved: Resolved,
    private_key: bytes,
    *,
    stores: ModelStores | None = None,
    password: str | None = None,
) -> Signed:
    """Sign the files in ``folder`` after they were verified, and keep the signature.

    Raises: InvalidModel (the files are not the recorded ones), BadInput (the key).
    """
    entries = manifest.verify(folder, resolved.digest)
    bundle = signing.sign(entries, private_key, password=password)
    key = signing.public_of(private_key, password=password)
    if resolved.name is not None and resolved.version is not None and stores is not None:
        made = signatures.evidence(resolved.name, resolved.version, bundle, entries, key)
        if resolved.digest is None:
            raise BadInput(
                f"{resolved} is pending: its files are not hashed yet, so a signature would bind "
                "to nothing; wait, and sign it then"
            )
        stores.release.record_evidence([made])
        where = "the registry"
    else:
        (folder / signing.FILE).write_text(bundle, encoding="utf-8")
        where = str(folder / signing.FILE)
    return Signed(
        model=str(resolved),
        digest=manifest.digest(entries),
        key=key.fingerprint,
        files=len(entries),
        where=where,
    )


def check_files(folder: Path, resolved: Resolved) -> None:
    """Hash the files again: a copy may have been damaged since. Raises: InvalidModel."""
    if resolved.digest is not None:
        manifest.verify(folder, resolved.digest)


def recorded(resolved: Resolved, stores: ModelStores) -> list[Evidence]:
    """Return what the registry holds of a version's signatures; nothing for other models."""
    if resolved.name is None or resolved.version is None:
        return []
    return signatures.of(stores.release.list_evidence(resolved.name, resolved.version))


def signer(folder: Path, found: list[Evidence], digest: str | None, keys: list[Key]) -> str:
    """Return the fingerprint of a trusted key that signed the files in ``folder``.

    Raises: InvalidSignature, saying why none counts.
    """
    if not keys:
        raise InvalidSignature(
            "no key is trusted: name public keys with MAINSTAY_TRUSTED_KEYS (files or folders)"
        )
    pems = [key.pem for key in keys]
    if found:
        good, problems = signatures.signers(found, digest, pems)
        if good:
            return good[0]
        raise InvalidSignature("; ".join(sorted(set(problems))))
    place = folder / signing.FILE
    if not place.is_file():
        raise InvalidSignature("it is not signed")
    bundle = place.read_text(encoding="utf-8", errors="replace")
    return signing.verify(bundle, manifest.build(folder), keys).fingerprint


def trusted_keys() -> list[Key]:
    """Return the public keys that ``MAINSTAY_TRUSTED_KEYS`` names. Raises: BadInput."""
    return [key for place in settings.TRUSTED_KEYS.get() for key in read_keys(place)]


def read_keys(place: Path) -> list[Key]:
    """Return the key in a PEM file, or those of all ``*.pem`` and ``*.pub`` files of a folder.

    Private keys that lie in a folder are passed over. Raises: BadInput.
    """
    if not place.is_dir():
        return [_read_key(place)]
    files = sorted([*place.glob("*.pem"), *place.glob("*.pub")])
    return [_read_key(file) for file in files if b"PRIVATE KEY" not in file.read_bytes()]


def _read_key(file: Path) -> Key:
    try:
        return signing.public_key(file.read_bytes())
    except OSError as error:
        raise BadInput(f"the public key {file} cannot be read: {error}") from error
    except BadInput as error:
        raise BadInput(f"{file}: {error.message}") from error
