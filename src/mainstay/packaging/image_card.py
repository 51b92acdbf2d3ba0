"""The card of a model inside an image: which model it is, and the digest that its files must have.

The builder writes it beside the model, the server inside the image reads it. The same facts are the
labels of the image, so that they can be read without starting it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from mainstay.errors import InvalidModel

FILE = "image.json"
FOLDER = Path("/opt/mainstay")
"""Where card and packages lie in an image; the model is at ``MODEL``."""

MODEL = Path("/opt/ml/model")
"""The folder that MLflow's images, and the services that run them, use too."""

PORT = 8080


class ImageCard(msgspec.Struct, frozen=True, kw_only=True):
    """What an image serves. ``version`` is None for a model that is not registered.

    ``uri`` never names an alias; ``asked`` is the address that was given to the builder.
    """

    name: str
    version: int | None
    uri: str
    asked: str
    digest: str
    run_id: str | None = None
    mainstay: str = ""

    @property
    def registered(self) -> bool:
        """Whether the registry holds this version."""
        return self.version is not None

    def labels(self) -> dict[str, str]:
        """Return the labels of the image."""
        named = {
            "org.opencontainers.image.title": self.name,
            "org.opencontainers.image.version": str(self.version or "unregistered"),
            "mainstay.model": self.name,
            "mainstay.version": str(self.version or ""),
            "mainstay.registered": "true" if self.registered else "false",
            "mainstay.digest": self.digest,
            "mainstay.uri": self.uri,
            "mainstay.asked": self.asked,
            "mainstay.run": self.run_id or "",
            "mainstay.release": self.mainstay,
        }
        return {key: value for key, value in named.items() if value}


def write(card: ImageCard, folder: Path) -> None:
    """Write the card into a folder."""
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1))


def read(folder: Path) -> ImageCard:
    """Read the card in a folder. Raises: InvalidModel (none there, or not readable)."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=ImageCard)
    except FileNotFoundError:
        raise InvalidModel(
            f"{folder / FILE} is missing; this is not an image that `mainstay models build-docker` "
            "made"
        ) from None
    except msgspec.DecodeError as error:
        raise InvalidModel(f"{folder / FILE} cannot be read: {error}") from error
