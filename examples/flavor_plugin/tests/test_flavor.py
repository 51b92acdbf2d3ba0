"""The flavor keeps mainstay's contract of a flavor."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from mainstay_rules import Rule, RuleList

from mainstay.models import loading, saving
from mainstay.testing.flavors import FlavorCase, FlavorContract

PEOPLE = pd.DataFrame({"age": [3, 17, 30, 70]})
RULES = RuleList([Rule("age", "<", 6, "child"), Rule("age", "<", 18, "minor")], default="adult")
ANSWERS = ["child", "minor", "adult", "adult"]


class TestRules(FlavorContract):
    flavor_name = "rules"

    @pytest.fixture
    def case(self) -> FlavorCase:
        return FlavorCase(model=RULES, data=PEOPLE, predictions=ANSWERS)


def test_a_rule_list_is_recognized_and_loads_without_trust(tmp_path: Path) -> None:
    saving.save_model(RULES, tmp_path / "model")
    assert loading.load_model(str(tmp_path / "model"), trust=False).predict(PEOPLE) == ANSWERS
    assert isinstance(loading.load_native(str(tmp_path / "model"), "rules"), RuleList)


def test_stock_mlflow_is_told_how_to_load_it(tmp_path: Path) -> None:
    import mainstay_rules

    saving.save_model(RULES, tmp_path / "model")
    loaded = mainstay_rules._load_pyfunc(str(tmp_path / "model" / "rules.json"))
    assert loaded.predict(PEOPLE) == ANSWERS
