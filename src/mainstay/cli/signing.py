"""``mainstay models new-key``, ``sign`` and ``verify-signature``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from mainstay.cli.output import json_option, print_json
from mainstay.connect import connect
from mainstay.errors import BadInput, InvalidSignature

public_key_option = click.option(
    "--public-key",
    "public_keys",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A PEM file, or a folder of them; left out: MAINSTAY_TRUSTED_KEYS.",
)


@click.command("new-key")
@click.argument("path", type=click.Path(path_type=Path))
def new_key(path: Path) -> None:
    """Make a key to sign models with: PATH.pem is secret, PATH.pub is for everybody."""
    from mainstay.packaging import signing

    private, public = signing.generate()
    secret, shown = path.with_name(path.name + ".pem"), path.with_name(path.name + ".pub")
    if shown.exists():
        raise BadInput(f"{shown} is there already; choose another name")
    try:
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(private)
    except FileExistsError as error:
        raise BadInput(f"{secret} is there already; choose another name") from error
    shown.write_bytes(public)
    click.echo(f"{secret} signs; keep it secret. {shown} verifies.")
    click.echo(f"fingerprint {signing.public_key(public).fingerprint}")


@click.command()
@click.argument("model_uri")
@click.option(
    "--private-key",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A PEM file: an EC key on P-256, P-384 or P-521.",
)
@click.option("--password-stdin", is_flag=True, help="Read the key's password from stdin.")
@json_option
def sign(model_uri: str, private_key: Path, password_stdin: bool, as_json: bool) -> None:
    """Sign the files of MODEL_URI in the format of OpenSSF Model Signing.

    The signature of a registered version is kept by the registry, that of a folder in it.
    """
    from mainstay.models import loading, signatures

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with connect() as stores:
        opened = loading.open_model(model_uri, stores=stores)
        done = signatures.sign(
            opened.folder,
            opened.resolved,
            private_key.read_bytes(),
            stores=stores,
            password=password,
        )
    if as_json:
        print_json(done)
        return
    click.echo(f"{done.model} is signed ({done.files} files, digest {done.digest[:12]}…)")
    click.echo(f"by {done.key}; the signature is in {done.where}")


@click.command("verify-signature")
@click.argument("model_uri")
@public_key_option
@json_option
def verify_signature(model_uri: str, public_keys: tuple[Path, ...], as_json: bool) -> None:
    """Say which trusted key signed the files of MODEL_URI. Exit code 1: none did."""
    from mainstay.models import loading, signatures

    keys = [key for place in public_keys for key in signatures.read_keys(place)]
    keys = keys or signatures.trusted_keys()
    with connect() as stores:
        opened = loading.open_model(model_uri, stores=stores, trust="signed")
        signatures.check_files(opened.folder, opened.resolved)
        try:
            key = signatures.signer(opened.folder, opened.signatures, opened.resolved.digest, keys)
        except InvalidSignature as error:
            raise InvalidSignature(f"{opened.resolved}: {error.message}") from error
    if as_json:
        print_json({"model": str(opened.resolved), "signed": True, "key": key})
        return
    click.echo(f"{opened.resolved} is signed by {key}")


COMMANDS = (new_key, sign, verify_signature)
