"""Programs of torch.export: which modules become one, what they answer, and what is asked for."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from mainstay import pytorch as flavor
from mainstay.errors import BadInput, InvalidModel, UntrustedModel
from mainstay.models import loading, trust
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from tests.flavors.programs import rewritten, spoilt_program
from tests.support.parts import library

torch = library("torch")
nn = torch.nn


class Pictures(nn.Module):
    """Convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
        )
        self.head = nn.Linear(36, 5)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.log_softmax(self.head(self.body(rows)), -1)


class Series(nn.Module):
    """Recurrence over embedded numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(10, 6)
        self.first, self.second = nn.LSTM(6, 5, batch_first=True), nn.GRU(5, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        found, _ = self.first(self.words(rows))
        found, _ = self.second(found)
        return self.head(found[:, -1]).softmax(1)


class Arithmetic(nn.Module):
    """Operators, buffers that are kept and not kept, and constants."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 4))
        self.register_buffer("middle", torch.zeros(4))
        self.register_buffer("spread", torch.ones(4), persistent=False)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        rows = (rows - self.middle) / (self.spread + 1e-6)
        found = rows @ self.weight
        found = torch.where(found > 0, found, -found) ** 2
        found = torch.cat([found, rows.exp().clamp(max=3)], 1)
        total = torch.einsum("ij,ij->i", found, found)[:, None]
        return total.expand(-1, 2) + rows.new_tensor([1.0, 2.0])


class Branching(nn.Module):
    """What it does depends on the numbers: no program of operators alone."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 1)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.inner(rows) if rows.sum() > 0 else -self.inner(rows)


class Noisy(Branching):
    """It answers otherwise each time."""

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.inner(nn.functional.dropout(rows, 0.5, training=True))


ROWS = {
    Pictures: np.random.default_rng(0).normal(size=(3, 1, 8, 8)).astype(np.float32),
    Series: np.arange(21).reshape(3, 7) % 10,
    Arithmetic: np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32),
}
FOUR = np.ones((2, 4), np.float32)


@pytest.fixture(autouse=True)
def _nothing_was_written_here() -> None:
    trust._written_here.clear()


@pytest.mark.parametrize("kind", ROWS)
def test_a_class_of_ones_own_is_saved_as_a_program_that_needs_no_trust(
    kind: type[nn.Module], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model, rows = kind(), ROWS[kind]
    flavor.save_model(model, tmp_path / "model", input_example=rows)
    assert [path.name for path in (tmp_path / "model" / "data").iterdir()] == ["model.pt2"]
    assert FLAVORS.get("pytorch").asks(tmp_path / "model", mlmodel.read(tmp_path / "model")) == ()
    trust._written_here.clear()
    loaded = loading.load_model(str(tmp_path / "model"), trust=False)
    model.eval()
    for some in (rows, rows[:1], np.concatenate([rows, rows, rows])):
        with torch.no_grad():
            wanted = model(torch.from_numpy(some)).numpy()
        np.testing.assert_array_equal(loaded.predict(some), wanted)


def test_a_program_tells_nothing_of_the_code_it_was_traced_from(tmp_path: Path) -> None:
    model = Arithmetic()
    flavor.save_model(model, tmp_path / "model", input_example=ROWS[Arithmetic])
    content = (tmp_path / "model" / "data" / "model.pt2").read_bytes()
    assert str(Path(__file__).parent).encode() not in content
    assert b"einsum" in content


@pytest.mark.parametrize("kind", [Branching, Noisy])
def test_what_no_program_answers_the_same_as_stays_a_pickle(
    kind: type[nn.Module], tmp_path: Path
) -> None:
    flavor.save_model(kind(), tmp_path / "model", input_example=FOUR)
    assert (tmp_path / "model" / "data" / "model.pth").exists()
    assert not (tmp_path / "model" / "data" / "model.pt2").exists()
    trust._written_here.clear()
    with pytest.raises(UntrustedModel, match=kind.__name__):
        loading.load_model(str(tmp_path / "model"))


def test_a_class_is_kept_where_the_format_is_said_or_there_is_no_example(tmp_path: Path) -> None:
    flavor.save_model(
        Arithmetic(), tmp_path / "said", input_example=FOUR, serialization_format="pickle"
    )
    flavor.save_model(Arithmetic(), tmp_path / "bare")
    for name in ("said", "bare"):
        assert isinstance(flavor.load_model(tmp_path / name, trust=True), Arithmetic)


def test_a_program_that_is_asked_for_and_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="give one"):
        flavor.save_model(Arithmetic(), tmp_path / "model", serialization_format="pt2")
    with pytest.raises(BadInput, match="Branching cannot be exported"):
        flavor.save_model(
            Branching(), tmp_path / "model", serialization_format="pt2", input_example=FOUR
        )
    with pytest.raises(BadInput, match="Noisy answers otherwise than itself"):
        flavor.save_model(
            Noisy(), tmp_path / "model", serialization_format="pt2", input_example=FOUR
        )
    assert not (tmp_path / "model").exists()


def test_rows_of_another_width_are_refused_in_words(tmp_path: Path) -> None:
    flavor.save_model(Arithmetic(), tmp_path / "model", input_example=FOUR, signature=False)
    with pytest.raises(BadInput, match="does not take this input"):
        loading.load_model(str(tmp_path / "model"), trust=False).predict(FOUR[:, :3])


def test_training_goes_on_after_a_program_was_made(tmp_path: Path) -> None:
    model = Pictures()
    flavor.save_model(model, tmp_path / "model", input_example=ROWS[Pictures])
    assert all(part.training for part in model.modules())


@pytest.mark.parametrize("how", ["expression", "guard", "array", "samples"])
def test_torch_itself_runs_what_is_refused_here(how: str, tmp_path: Path) -> None:
    folder, mark = spoilt_program(tmp_path / "model", tmp_path / "ran", how), tmp_path / "ran"
    with pytest.raises(UntrustedModel):
        loading.load_model(str(folder))
    assert not mark.exists()
    with contextlib.suppress(InvalidModel):
        loading.load_model(str(folder), trust=True).predict(FOUR)
    assert mark.exists()


def test_an_array_of_nothing_that_would_fill_the_memory_is_asked_for(tmp_path: Path) -> None:
    folder = spoilt_program(tmp_path / "model", tmp_path / "ran", "operator")

    def enlarge(form: dict[str, dict[str, dict[str, dict[str, object]]]]) -> None:
        form["config"]["weight"]["tensor_meta"]["sizes"] = [{"as_int": 1 << 40}]

    rewritten(
        folder,
        {"data/weights/model_weights_config.json": enlarge},
        {"data/weights/weight_0": b""},
    )
    with pytest.raises(UntrustedModel, match="array without bytes"):
        loading.load_model(str(folder))
