"""Pictures: what an image may be, and how the steps of one are named."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

from mainstay.errors import BadInput

LOGGED = "mlflow.loggedImages"
"""The tag of a run that has pictures with steps."""


class Image:
    """A picture to log or to put in a table: a path, an array, a list, or a PIL image."""

    def __init__(self, image: Any) -> None:
        """Raises: BadInput if it is none of these."""
        if isinstance(image, (str, Path)):
            self.image = opened(image)
        else:
            self.image = image if hasattr(image, "save") else picture(image)
        self.size = self.image.size

    def to_list(self) -> list[Any]:
        """Return the pixels as nested lists."""
        found: list[Any] = self.to_array().tolist()
        return found

    def to_array(self) -> Any:
        """Return the pixels as an array."""
        import numpy as np

        return np.array(self.image)

    def to_pil(self) -> Any:
        """Return the PIL image."""
        return self.image

    def resize(self, size: tuple[int, int]) -> Image:
        """Return it in another size (width, height)."""
        return Image(self.image.resize(size))

    def save(self, path: Any, *arguments: Any, **options: Any) -> None:
        """Write it as a file; the options are Pillow's."""
        self.image.save(path, *arguments, **options)


def encoded(image: Any, suffix: str) -> bytes:
    """Return a picture in the format of a file's suffix. Raises: BadInput."""
    shown = image if hasattr(image, "save") else picture(image)
    kind = suffix.lower().lstrip(".") or "png"
    out = io.BytesIO()
    shown.save(out, format={"jpg": "jpeg"}.get(kind, kind))
    return out.getvalue()


def stepped(key: str, step: int, timestamp: int) -> str:
    """Return the file of a picture at a step, without its suffix: MLflow's name, which UIs read.

    Raises: BadInput: the key has characters that a file's name may not hold.
    """
    if not key or any(not (mark.isalnum() or mark in "_-./ ") for mark in key):
        raise BadInput(
            f"the image key {key!r} may hold letters, digits, spaces and any of _ - . / only"
        )
    name = key.replace("/", "~")
    return f"images/{name}+step+{step}+timestamp+{timestamp}+{uuid4()}"


def picture(image: Any) -> Any:
    """Return an array of (height, width[, 1|3|4]) as a PIL image; floats are 0 to 1.

    Raises: BadInput: another shape, or there is no Pillow.
    """
    import numpy as np

    array = np.asarray(image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.dtype == bool or np.issubdtype(array.dtype, np.floating):
        # Floats are 0 to 1, as in MLflow.
        array = (np.clip(array.astype(float), 0.0, 1.0) * 255).round()
    if array.ndim not in (2, 3):
        raise BadInput(f"an image is (height, width[, channels]), not of shape {array.shape}")
    return _pillow().fromarray(array.astype("uint8"))


def opened(source: Any) -> Any:
    """Return a picture from a path or from bytes. Raises: BadInput."""
    try:
        return _pillow().open(io.BytesIO(source) if isinstance(source, bytes) else source)
    except OSError as error:
        raise BadInput(f"{source if isinstance(source, (str, Path)) else 'it'}: {error}") from error


def small(image: Any, most: int = 256) -> Any:
    """Return a picture with no side above ``most`` pixels, for a quick look."""
    shown = image.copy()
    shown.thumbnail((most, most))
    return shown


def _pillow() -> Any:
    try:
        from PIL import Image as Pillow
    except ModuleNotFoundError as error:
        raise BadInput("pictures need Pillow: pip install pillow") from error
    return Pillow
