"""What differs from the commit, as a patch; of tracked files alone, and of text alone.

Files that git does not track never appear: keys and data lie about in work trees. Of tracked ones,
those whose names promise a secret are left out too.
"""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec

LIMIT = 1 << 20
"""Bytes of a patch that are kept."""

SECONDS = 10.0
"""How long git may take."""

SECRETS = (
    *(".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "id_rsa*"),
    *("id_ed25519*", "id_ecdsa*", ".netrc", ".pypirc", ".npmrc", ".git-credentials", "*secret*"),
    *("*credential*", "*password*", "*.kdbx", "*.tfstate", "kubeconfig"),
)
"""Patterns of file names, in any folder, whose changes are never recorded."""


class Patch(msgspec.Struct, frozen=True):
    """Changes of tracked files; ``whole`` is false where they were cut at the limit."""

    text: bytes
    whole: bool


def patch(root: Path, *, limit: int = LIMIT, seconds: float = SECONDS) -> Patch | None:
    """Return how tracked files differ from the commit; None: they do not, or git cannot tell.

    At most ``limit`` bytes are read, so that a changed gigabyte costs nothing.
    """
    import subprocess  # loads for 10 ms, and the face does without it

    hidden = [f":(exclude,icase,glob)**/{name}" for name in SECRETS]
    # No user's diff program, text conversion or lock: plain git that changes nothing.
    command = [
        *("git", "--no-optional-locks", "-C", str(root), "diff", "--no-color", "--no-ext-diff"),
        *("--no-textconv", "--ignore-submodules=dirty", "HEAD", "--", ".", *hidden),
    ]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    with process:
        text = process.stdout.read(limit + 1) if process.stdout is not None else b""
        if len(text) > limit:
            process.kill()
        failed = process.wait() != 0
        timer.cancel()
    if len(text) > limit:
        return Patch(text[:limit].rpartition(b"\n")[0] + b"\n", whole=False)
    return None if failed or not text else Patch(text, whole=True)
