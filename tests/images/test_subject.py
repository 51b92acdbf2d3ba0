"""Which models may go into an image."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.connect import Stores
from mainstay.errors import AliasNotFound, BadInput, UntrustedModel
from mainstay.images import subject

pytestmark = pytest.mark.usefixtures("caches")


@pytest.mark.parametrize("address", ["models:/line/1", "models:/line@champion"])
def test_versions_and_aliases_are_taken_and_the_card_names_the_version(
    stores: Stores, address: str
) -> None:
    found = subject.choose(address, stores=stores)
    version = stores.registry.get_model_version("line", 1)
    assert (found.card.name, found.card.version, found.card.uri) == ("line", 1, "models:/line/1")
    assert (found.card.digest, found.card.asked) == (version.digest, address)
    assert (found.folder / "MLmodel").is_file()


def test_a_stage_is_taken(stores: Stores) -> None:
    stores.registry.transition_stage("line", 1, "Production")
    assert subject.choose("models:/line/Production", stores=stores).card.version == 1


def test_a_run_is_not_deployed_unless_it_is_asked_for_and_then_the_card_says_so(
    stores: Stores, registered: str
) -> None:
    address = f"runs:/{registered}/model"
    with pytest.raises(BadInput, match=r"no registered version.*--unregistered"):
        subject.choose(address, stores=stores)
    card = subject.choose(address, stores=stores, unregistered=True).card
    assert (card.version, card.registered, card.run_id) == (None, False, registered)
    assert card.labels()["mainstay.registered"] == "false"
    assert "mainstay.version" not in card.labels()


def test_an_alias_that_nobody_holds_is_told(stores: Stores) -> None:
    with pytest.raises(AliasNotFound):
        subject.choose("models:/line@nobody", stores=stores)


def test_trust_is_decided_when_the_image_is_built(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import mainstay.pyfunc

    class Doubling(mainstay.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            return model_input

    folder = f"{tmp_path}/doubling"
    mainstay.pyfunc.save_model(folder, python_model=Doubling())
    monkeypatch.setattr("mainstay.models.trust._written_here", set())
    with pytest.raises(UntrustedModel):
        subject.choose(folder, stores=stores, unregistered=True)
    card = subject.choose(folder, stores=stores, unregistered=True, trust=True).card
    assert card.name == "doubling"
