"""The folder that an image is built from, and its Dockerfile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mainstay
from mainstay.errors import BadInput
from mainstay.images import context, dockerfile
from mainstay.images.dockerfile import Recipe
from mainstay.images.subject import Subject
from mainstay.packaging import image_card, manifest
from mainstay.packaging.image_card import ImageCard
from mainstay.serving import packaged


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    from sklearn.linear_model import LinearRegression

    folder = tmp_path_factory.mktemp("models") / "m"
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    mainstay.sklearn.save_model(model, folder, input_example=np.ones((1, 1)))
    folder.chmod(0o700)
    return Subject(card=card(manifest.digest(manifest.build(folder))), folder=folder)


def card(digest: str = "0" * 64, name: str = "line") -> ImageCard:
    return ImageCard(
        name=name,
        version=3,
        uri=f"models:/{name}/3",
        asked=f"models:/{name}@champion",
        digest=digest,
    )


def test_the_folder_holds_all_that_the_model_needs(chosen: Subject, tmp_path: Path) -> None:
    folder = tmp_path / "context"
    recipe = context.write(chosen, folder)
    assert recipe.base_image.startswith("docker.io/library/python:3.")
    assert packaged.check(folder=folder / "card", model=folder / "model") == chosen.card
    assert (folder / "model").stat().st_mode & 0o777 == 0o755
    pins = (folder / "packages.txt").read_text().split()
    assert f"scikit-learn=={_version('scikit-learn')}" in pins
    assert (folder / "mainstay" / "mainstay" / "__init__.py").is_file()
    assert not (folder / "packages" / "mainstay").exists()
    # Nothing of this environment is used: isolated, and without site-packages.
    program = (
        "import mainstay.serving.packaged, sklearn; print(mainstay.__file__, sklearn.__file__)"
    )
    said = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={**os.environ, "PYTHONPATH": f"{folder / 'mainstay'}:{folder / 'packages'}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert all(Path(place).is_relative_to(folder) for place in said)


def test_with_the_local_manager_mainstay_alone_is_added(chosen: Subject, tmp_path: Path) -> None:
    recipe = context.write(
        chosen, tmp_path / "c", env_manager="local", base_image="registry.example.org/ml:7"
    )
    assert recipe.own_packages is False
    text = (tmp_path / "c" / "Dockerfile").read_text()
    assert "--system-site-packages" in text
    assert "COPY packages/" not in text
    assert {path.name for path in (tmp_path / "c").iterdir()} == {
        *("Dockerfile", "card", "mainstay", "model")
    }


def test_what_cannot_be_built_is_refused_before_anything_is_written(
    chosen: Subject, tmp_path: Path
) -> None:
    place = tmp_path / "c"
    with pytest.raises(BadInput, match="makes no image"):
        context.write(chosen, place, env_manager="conda")
    with pytest.raises(BadInput, match="--base-image"):
        context.write(chosen, place, env_manager="local")
    with pytest.raises(BadInput, match="not the name of an image"):
        context.write(chosen, place, base_image="python 3; rm -rf /")
    assert not place.exists()
    place.mkdir()
    (place / "precious").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        context.write(chosen, place)


def test_another_kind_of_machine_gets_its_own_wheels(chosen: Subject, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="linux/arm64"):
        context.write(chosen, tmp_path / "c", platform="linux/s390x")


def test_names_from_outside_cannot_become_instructions() -> None:
    hostile = 'x"\nRUN curl evil $HOME \\'
    text = dockerfile.write(
        Recipe(card=card(name=hostile), base_image="python:3.11", python="3.11")
    )
    instructions = [line for line in text.splitlines() if not line.startswith((" ", "#"))]
    assert [line for line in instructions if "evil" in line] == [
        'LABEL org.opencontainers.image.title="x\\" RUN curl evil \\$HOME \\\\" \\'
    ]


def test_the_image_runs_as_a_number_and_answers_health_checks() -> None:
    text = dockerfile.write(Recipe(card=card(), base_image="python:3.11", python="3.11"))
    lines = text.splitlines()
    assert "USER 10001:10001" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert lines[-1].startswith('ENTRYPOINT ["/opt/mainstay/venv/bin/python"')
    assert 'mainstay.asked="models:/line@champion"' in text


def test_a_card_reads_back_as_it_was_written(tmp_path: Path) -> None:
    image_card.write(card(), tmp_path)
    assert image_card.read(tmp_path) == card()


def _version(name: str) -> str:
    from importlib import metadata

    return metadata.version(name)
