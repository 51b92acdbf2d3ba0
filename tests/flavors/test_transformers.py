"""Transformers: small pipelines made here; the contract, interchange with mlflow, and trust."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mainstay import transformers as flavor
from mainstay.errors import BadInput, InvalidModel, UntrustedModel
from mainstay.models import infer_signature, loading
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import mlmodel
from mainstay.testing.flavors import FlavorCase, FlavorContract
from tests.flavors.interchange import Interchange
from tests.flavors.transformers_models import MAKE
from tests.support.parts import library

torch = library("torch")
transformers = library("transformers")

made: dict[str, Any] = {}
exec(compile(MAKE, "transformers_models", "exec"), made)
TEXTS = ["good film", "the movie was awful"]
GREEDY = {"max_new_tokens": 4, "do_sample": False}


def labels(pipe: Any, texts: list[str]) -> np.ndarray:
    """Return what the pipeline itself says, as rows of label and score."""
    return np.asarray(pd.DataFrame(pipe(texts)))


class TestContract(FlavorContract):
    flavor_name = "transformers"

    @pytest.fixture(params=["classifier", "table", "fill", "generator", "template"])
    def case(self, request: pytest.FixtureRequest) -> FlavorCase:
        if request.param == "table":
            pipe = made["classifier"]()
            data = pd.DataFrame({"text": TEXTS})
            return FlavorCase(model=pipe, data=data, predictions=labels(pipe, TEXTS))
        if request.param == "classifier":
            pipe = made["classifier"]()
            return FlavorCase(model=pipe, data=TEXTS, predictions=labels(pipe, TEXTS))
        if request.param == "fill":
            pipe = made["filler"]()
            masked = ["good [MASK]", "[MASK] bad"]
            answers = [row[0]["token_str"] for row in pipe(masked)]
            return FlavorCase(model=pipe, data=masked, predictions=answers)
        pipe = made["generator"]()
        if request.param == "template":
            asked = [f"the film was {text}" for text in TEXTS]
            answers = [
                row[0]["generated_text"] for row in pipe(asked, **GREEDY, return_full_text=False)
            ]
            options = {"model_config": GREEDY, "prompt_template": "the film was {prompt}"}
            return FlavorCase(model=pipe, data=TEXTS, predictions=answers, options=options)
        answers = [row[0]["generated_text"] for row in pipe(TEXTS, **GREEDY)]
        options = {"model_config": GREEDY}
        return FlavorCase(model=pipe, data=TEXTS, predictions=answers, options=options)

    def test_the_files_are_data_only(self, folder: Path) -> None:
        assert FLAVORS.get("transformers").asks(folder, mlmodel.read(folder)) == ()
        assert (folder / "model" / "model.safetensors").exists()
        assert loading.load_model(str(folder), trust=False).signature is not None


class TestInterchange(Interchange):
    program = (
        MAKE
        + """
import mlflow.transformers
told = {"pip_requirements": ["torch", "transformers"]}  # mlflow's own list needs torchvision
texts = ["good film", "the movie was awful"]
save = mlflow.transformers.save_model
save(classifier(), place + "classifier", input_example=texts, **told)
save(classifier(), place + "table", input_example=pd.DataFrame({"text": texts}), **told)
save(filler(), place + "fill", input_example=["good [MASK]", "[MASK] bad"], **told)
save(tagger(), place + "tags", input_example=texts, **told)
save(embedder(), place + "features", input_example=["good film"], **told)
greedy = {"max_new_tokens": 4, "do_sample": False}
save(generator(), place + "generator", input_example=(texts, greedy), **told)
save(
    generator(), place + "template", input_example=texts, prompt_template="the film was {prompt}",
    model_config={"max_new_tokens": 3, "do_sample": False}, **told,
)
"""
    )
    params = {"generator": {"max_new_tokens": 2, "do_sample": False}}

    @classmethod
    def save_ours(cls, place: Path) -> None:
        save = flavor.save_model
        save(made["classifier"](), place / "classifier", input_example=TEXTS)
        save(made["classifier"](), place / "table", input_example=pd.DataFrame({"text": TEXTS}))
        save(made["filler"](), place / "fill", input_example=["good [MASK]", "[MASK] bad"])
        save(made["tagger"](), place / "tags", input_example=TEXTS)
        save(made["embedder"](), place / "features", input_example=["good film"])
        save(made["generator"](), place / "generator", input_example=(TEXTS, GREEDY))
        save(
            made["generator"](),
            place / "template",
            input_example=TEXTS,
            prompt_template="the film was {prompt}",
            model_config={"max_new_tokens": 3, "do_sample": False},
        )


def test_the_parts_alone_make_a_pipeline(tmp_path: Path) -> None:
    pipe = made["classifier"]()
    parts = {"model": pipe.model, "tokenizer": pipe.tokenizer}
    flavor.save_model(parts, tmp_path / "model", task="text-classification", input_example=TEXTS)
    loaded = flavor.load_model(tmp_path / "model", trust=False)
    assert loaded(TEXTS) == pipe(TEXTS)
    with pytest.raises(BadInput, match="task="):
        flavor.save_model(parts, tmp_path / "other")


def test_parameters_reach_the_pipeline(tmp_path: Path) -> None:
    pipe = made["classifier"]()
    signature = infer_signature(TEXTS, None, {"top_k": 1})
    flavor.save_model(pipe, tmp_path / "model", signature=signature)
    model = loading.load_model(str(tmp_path / "model"), trust=False)
    assert model.predict(TEXTS, {"top_k": 2}).shape == (2, 2)
    assert model.predict(TEXTS).shape == (2, 1)


def test_labels_without_training_come_as_a_table(tmp_path: Path) -> None:
    pipe = made["zero_shot"]()
    row = {"sequences": "good film", "candidate_labels": "good,bad", "hypothesis_template": "a {}"}
    flavor.save_model(pipe, tmp_path / "model", input_example=row)
    found = loading.load_model(str(tmp_path / "model"), trust=False).predict(row)
    own = pipe("good film", candidate_labels=["good", "bad"], hypothesis_template="a {}")
    assert list(found["labels"]) == own["labels"]
    assert list(found["scores"]) == own["scores"]


def test_every_row_gets_its_features(tmp_path: Path) -> None:
    pipe = made["embedder"]()
    flavor.save_model(pipe, tmp_path / "model", signature=infer_signature(TEXTS))
    found = loading.load_model(str(tmp_path / "model"), trust=False).predict(TEXTS)
    assert [part.shape for part in found] == [(2, 16), (4, 16)]


def test_pictures_come_as_base64_and_never_as_an_address(tmp_path: Path) -> None:
    pil = library("PIL.Image")
    pipe = made["pictures"]()
    picture = pil.fromarray(np.arange(768, dtype=np.uint8).reshape(16, 16, 3))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    text = base64.b64encode(stream.getvalue()).decode()
    flavor.save_model(pipe, tmp_path / "model", input_example=[text])
    model = loading.load_model(str(tmp_path / "model"), trust=False)
    found = model.predict([text])
    assert found.iloc[0].tolist() == pipe(picture)
    for address in ("http://127.0.0.1:9/picture.png", "/etc/passwd"):
        with pytest.raises(BadInput, match="not as a path or an address"):
            model.predict([address])


def damaged(folder: Path, what: str) -> str:
    """Change the folder as a hostile file would; return what must be asked for."""
    config = folder / "model" / "config.json"
    form = json.loads(config.read_text())
    if what == "remote code":
        form["auto_map"] = {"AutoModel": "evil.EvilModel"}
    elif what == "kernel":
        form["attn_implementation"] = "somebody/kernels"
    elif what == "pickle":
        torch.save({}, folder / "model" / "pytorch_model.bin")
    elif what == "source":
        (folder / "components" / "tokenizer" / "evil.py").write_text("open('ran', 'w')")
    else:
        (folder / "model" / "adapter_config.json").write_text("{}")
    config.write_text(json.dumps(form))
    names = {
        "remote code": "auto_map",
        "kernel": "somebody/kernels",
        "pickle": r"pytorch_model\.bin",
        "source": r"evil\.py",
        "adapter": "adapter",
    }
    return names[what]


@pytest.mark.parametrize("what", ["remote code", "kernel", "pickle", "source", "adapter"])
def test_what_is_not_data_is_asked_for(what: str, tmp_path: Path) -> None:
    flavor.save_model(made["classifier"](), tmp_path / "model")
    named = damaged(tmp_path / "model", what)
    with pytest.raises(UntrustedModel, match=named):
        loading.load_model(str(tmp_path / "model"))


def test_a_class_of_another_library_is_refused(tmp_path: Path) -> None:
    flavor.save_model(made["classifier"](), tmp_path / "model")
    text = (tmp_path / "model" / "MLmodel").read_text()
    for name in ("os.system", "Pipeline", "AutoModel"):
        path = tmp_path / "model" / "MLmodel"
        path.write_text(text.replace("BertForSequenceClassification", name))
        with pytest.raises(InvalidModel, match="none of transformers' own"):
            loading.load_model(str(tmp_path / "model"), trust=True)


def test_something_else_is_refused(tmp_path: Path) -> None:
    save: Callable[..., None] = flavor.save_model
    with pytest.raises(BadInput, match="no transformers pipeline"):
        save(object(), tmp_path / "model")
    with pytest.raises(BadInput, match="prompt"):
        save(made["generator"](), tmp_path / "model", prompt_template="none")
