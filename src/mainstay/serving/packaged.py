"""Serve the model that lies in this image; the entry point of images (``python -m``).

No registry is needed: the image holds one version for ever, and its card says which. Where a
tracking server is configured, the deployment reports its state and its counts there under
``<model>/<version>``, as a server that follows an alias does.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from mainstay import settings
from mainstay.errors import MainstayError
from mainstay.packaging import image_card, manifest
from mainstay.packaging.image_card import FOLDER, MODEL, ImageCard
from mainstay.serving.serve import Options, serve
from mainstay.serving.target import Target


def check(*, folder: Path = FOLDER, model: Path = MODEL) -> ImageCard:
    """Return the image's card. Raises: InvalidModel if the files are not those on the card."""
    card = image_card.read(folder)
    manifest.verify(model, card.digest)
    return card


def options(card: ImageCard, *, model: Path = MODEL) -> Options:
    """Return how an image serves.

    Whoever built the image decided to trust the model, and the digest shows that it is the same.
    """
    return Options(
        host="0.0.0.0",
        port=settings.MODELS_PORT.get(),
        workers=settings.MODELS_WORKERS.get(),
        tracking_uri=settings.TRACKING_URI.get(),
        registry_uri=settings.REGISTRY_URI.get(),
        trust=True,
        known=Target(name=card.name, version=card.version, uri=str(model)),
    )


def main() -> int:
    """Serve until told to stop. Exit code 1: the image is damaged, or its model does not load."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        card = check()
        serve(
            str(MODEL),
            options(card),
            started=lambda url: print(f"Serving {card.uri} on {url}", flush=True),
        )
    except MainstayError as error:
        print(f"Error: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
