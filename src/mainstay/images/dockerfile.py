"""The Dockerfile of an image that serves a model, as text."""

from __future__ import annotations

import json
import re

import msgspec

from mainstay.errors import BadInput
from mainstay.packaging.image_card import FOLDER, MODEL, PORT, ImageCard

USER = 10001
"""A number, not a name: Kubernetes can tell that it is not root, and no account must be made."""

VENV = FOLDER / "venv"
PACKAGES, OWN, FILES, CARD = "packages", "mainstay", "model", "card"
"""The folders of the build context: other packages, this one, the model's files, its card."""

_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*\Z")
_PROBE = (
    "import os, urllib.request as r; "
    f"port = os.environ.get('MAINSTAY_MODELS_PORT') or {PORT}; "
    "r.urlopen(f'http://127.0.0.1:{port}/ping', timeout=4).close()"
)


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What a Dockerfile is written from. ``python`` is the minor version, such as 3.11.

    ``own_packages`` is False where the base image already has what the model needs.
    """

    card: ImageCard
    base_image: str
    python: str
    own_packages: bool = True


def write(recipe: Recipe) -> str:
    """Return the Dockerfile. Raises: BadInput if the base image is not the name of an image."""
    if not _IMAGE.match(recipe.base_image):
        raise BadInput(f"{recipe.base_image!r} is not the name of an image")
    site = f"{VENV}/lib/python{recipe.python}/site-packages/"
    python = f"{VENV}/bin/python"
    labels = [f"{key}={_label(value)}" for key, value in recipe.card.labels().items()]
    lines = [
        f"# Serves one model on port {PORT}; its labels say which.",
        "# Everything is in this folder: the build needs no network and no credentials.",
        f"FROM {recipe.base_image}",
        # The packages were chosen for one version of Python; another one fails here, not later.
        f"RUN python3 -c {_shell(_check(recipe.python))} \\",
        f" && python3 -m venv --without-pip {_more(recipe)}{VENV}",
        *([f"COPY {PACKAGES}/ {site}"] if recipe.own_packages else []),
        f"COPY {OWN}/ {site}",
        # Whoever runs the image cannot write here, so the bytecode is made now.
        f"RUN {python} -m compileall -q {site} || true",
        f"COPY {FILES}/ {MODEL}/",
        f"COPY {CARD}/ {FOLDER}/",
        f"RUN {python} -c {_shell('import mainstay.serving.packaged as p; p.check()')}",
        "LABEL " + " \\\n ".join(labels),
        "ENV HOME=/tmp PYTHONUNBUFFERED=1",
        "WORKDIR /tmp",
        f"USER {USER}:{USER}",
        f"EXPOSE {PORT}",
        "STOPSIGNAL SIGTERM",
        "HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \\",
        f" CMD {json.dumps([python, '-c', _PROBE])}",
        f"ENTRYPOINT {json.dumps([python, '-m', 'mainstay.serving.packaged'])}",
    ]
    return "\n".join(lines) + "\n"


def default_base(python: str) -> str:
    """Return the base image for a minor version of Python: the official one, slim."""
    return f"docker.io/library/python:{python}-slim-bookworm"


def _check(python: str) -> str:
    wanted = tuple(map(int, python.split(".")))
    return (
        f"import sys; sys.exit(None if sys.version_info[:2] == {wanted} else "
        f"'the model needs Python {python}, and this base image has ' + sys.version.split()[0])"
    )


def _more(recipe: Recipe) -> str:
    return "" if recipe.own_packages else "--system-site-packages "


def _shell(text: str) -> str:
    return '"' + re.sub(r'(["\\$`])', r"\\\1", text) + '"'


def _label(text: str) -> str:
    """Quote for a Dockerfile, which takes names from variables and knows no escapes of controls."""
    escaped = re.sub(r'(["\\$])', r"\\\1", text)
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped) + '"'
