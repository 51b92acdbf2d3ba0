"""A logging standard is read strictly and judged purely."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.entities.inputs import Dataset, DatasetInput, RunInputs
from mainstay.entities.metrics import Metric
from mainstay.entities.runs import Run, RunData, RunInfo
from mainstay.errors import BadInput
from mainstay.promotion.standard import judge, parse
from tests.support.parts import PROJECT

ALL = """
mode: enforce
tags: {owner: "", mlflow.source.git.commit: "[0-9a-f]{40}"}
params: [depth]
metrics: [auc]
artifacts: [model, plots/roc.png]
inputs: [training]
"""


def run(**data: object) -> Run:
    found = {"tags": {}, "params": {}, "latest": [], **data}
    return Run(
        info=RunInfo(run_id="0" * 32, experiment_id="0", run_name="r"),
        data=RunData(**found),  # type: ignore[arg-type]
    )


def test_a_run_with_nothing_lacks_everything_in_order() -> None:
    assert judge(parse(ALL), run(), lambda _: False) == [
        "tag owner",
        "tag mlflow.source.git.commit",
        "param depth",
        "metric auc",
        "artifact model",
        "artifact plots/roc.png",
        "input training",
    ]


def test_a_run_with_everything_lacks_nothing() -> None:
    dataset = Dataset(name="churn", digest="d", source_type="local", source="{}")
    full = run(
        tags={"owner": "ada", "mlflow.source.git.commit": "a" * 40},
        params={"depth": ""},
        latest=[Metric(key="auc", value=0.5, timestamp=1, step=0)],
    )
    for item in (
        DatasetInput(dataset=dataset, tags={"mlflow.data.context": "training"}),
        DatasetInput(dataset=Dataset(name="training", digest="d", source_type="x", source="{}")),
    ):
        read = Run(info=full.info, data=full.data, inputs=RunInputs(dataset_inputs=[item]))
        assert judge(parse(ALL), read, lambda _: True) == []


@pytest.mark.parametrize(
    ("pattern", "value", "right"),
    [
        ("[0-9a-f]{40}", "a" * 40, True),
        ("[0-9a-f]{40}", "a" * 41, False),
        ("dev|prod", "prod", True),
        ("dev|prod", "production", False),
        ("v[0-9]+[.][0-9]+", "v1.23", True),
        ("", "  ", False),
        ("", "x", True),
    ],
)
def test_a_pattern_matches_the_whole_value(pattern: str, value: str, right: bool) -> None:
    standard = parse(f"tags: {{t: '{pattern}'}}")
    assert (judge(standard, run(tags={"t": value}), lambda _: True) == []) is right


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mode: enforce",
        "mode: maybe\nparams: [x]",
        "params: x",
        "parms: [x]",
        "tags: [owner]",
        "tags: {x: '('}",
        "tags: {x: '(a+)+'}",
        "tags: {x: '(a|aa)*'}",
        "tags: {x: '(a*)*$'}",
        "tags: {x: '(.)\\1'}",
        "tags: {x: '.*.*.*.*x'}",
        "tags: {x: '(?=(a+)+)b'}",
        "artifacts: [/etc/passwd]",
        "artifacts: [a/../../b]",
        "{",
        "- a",
        "params: [" + "x, " * 501 + "x]",
        "!!python/object/apply:os.system ['true']",
    ],
)
def test_what_is_no_standard_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput, match=r"standard|pattern") as refused:
        parse(text)
    assert len(refused.value.message) > 20


def test_the_example_asks_for_code_data_pipeline_owner_and_candidate() -> None:
    found = parse(Path(PROJECT / "examples" / "standard.yaml").read_text())
    assert found.mode == "enforce"
    assert list(found.tags) == [
        "mlflow.source.git.commit",
        "data_version",
        "pipeline_id",
        "owner",
        "candidate",
    ]
