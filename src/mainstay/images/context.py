"""The folder that an image is built from: the Dockerfile, the packages, the model and its card."""

from __future__ import annotations

import shutil
from pathlib import Path

from mainstay.environments import vendoring
from mainstay.errors import BadInput
from mainstay.images import dockerfile
from mainstay.images.dockerfile import CARD, FILES, OWN, PACKAGES, Recipe
from mainstay.images.subject import Subject
from mainstay.packaging import environment_files, image_card
from mainstay.packaging.environment_files import ModelEnvironment

MANAGERS = ("uv", "virtualenv", "local")
"""``uv`` and ``virtualenv`` are one: packages in an environment of the image's own. With ``local``
the base image has them, and only mainstay itself is added."""


def write(
    subject: Subject,
    folder: Path,
    *,
    base_image: str | None = None,
    env_manager: str = "uv",
    platform: str | None = None,
) -> Recipe:
    """Fill ``folder``, which is empty or not there yet.

    ``base_image`` None is the official Python image of the model's version; ``platform`` None is
    this machine's. Raises: BadInput, MainstayError (a package cannot be had), InvalidModel.
    """
    if env_manager not in MANAGERS:
        raise BadInput(
            f"--env-manager {env_manager} makes no image; known: {', '.join(MANAGERS)}. For conda, "
            "give an image that has the environment as --base-image, with --env-manager local"
        )
    if env_manager == "local" and base_image is None:
        raise BadInput(
            "--env-manager local takes the packages from the base image; name one that has them "
            "with --base-image"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not empty; name a new folder for the Dockerfile")
    environment = environment_files.read(subject.folder)
    python = vendoring.minor(environment.python)
    recipe = Recipe(
        card=subject.card,
        base_image=base_image or dockerfile.default_base(python),
        python=python,
        own_packages=env_manager != "local",
    )
    text = dockerfile.write(recipe)
    folder.mkdir(parents=True, exist_ok=True)
    _packages(environment, folder, recipe, vendoring.architecture(platform))
    shutil.copytree(subject.folder, folder / FILES)
    (folder / CARD).mkdir()
    image_card.write(subject.card, folder / CARD)
    _readable(folder / FILES)
    (folder / "Dockerfile").write_text(text, encoding="utf-8")
    return recipe


def _packages(environment: ModelEnvironment, folder: Path, recipe: Recipe, processor: str) -> None:
    """Install; mainstay goes into a folder of its own, so that its layer alone changes with it."""
    if not recipe.own_packages:
        vendoring.unpack_own(folder / OWN)
        return
    packages = folder / PACKAGES
    pins = vendoring.install(environment, packages, processor=processor)
    (folder / OWN).mkdir()
    for part in packages.glob("mainstay*"):
        part.rename(folder / OWN / part.name)
    (folder / "packages.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")


def _readable(folder: Path) -> None:
    """Let everybody read: caches of models are private, and the image's user is another one."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
