"""The release contract: evidence, gates and verdicts are kept as they are given."""

from __future__ import annotations

import math
from uuid import uuid4

import pytest

from mainstay.entities.digests import text_digest
from mainstay.errors import BadInput, NotFound
from mainstay.stores.base import RegistryStore, ReleaseStore
from mainstay.testing.release.given import POLICY, Given, evidence, verdict


class RecordsContract(Given):
    """Evidence, gates and verdicts are kept as they are given."""

    def test_evidence_reads_back_oldest_first(self, store: ReleaseStore, name: str) -> None:
        kept = store.record_evidence([evidence(name, 1), evidence(name, 1, kind="latency")])
        store.record_evidence([evidence(name, 2)])
        assert store.list_evidence(name, 1) == kept
        assert [item.kind for item in kept] == ["quality", "latency"]

    def test_evidence_is_kept_once(self, store: ReleaseStore, name: str) -> None:
        item = evidence(name, 1)
        store.record_evidence([item])
        store.record_evidence([item])
        assert len(store.list_evidence(name, 1)) == 1

    def test_numbers_that_json_lacks_are_kept(self, store: ReleaseStore, name: str) -> None:
        store.record_evidence([evidence(name, 1, auc=math.nan)])
        store.record_evidence([evidence(name, 1, auc=math.inf)])
        values = [item.values["auc"] for item in store.list_evidence(name, 1)]
        assert [str(float(value)) for value in values] == ["nan", "inf"]

    def test_evidence_of_an_unknown_version_is_refused(
        self, store: ReleaseStore, name: str
    ) -> None:
        with pytest.raises(NotFound):
            store.record_evidence([evidence(name, 1), evidence(name, 9)])
        assert store.list_evidence(name, 1) == []

    def test_a_models_own_gate_goes_before_that_of_every_model(
        self, store: ReleaseStore, name: str
    ) -> None:
        alias = f"a-{uuid4().hex[:8]}"
        assert store.get_policy(name, alias) is None
        store.set_policy("*", alias, POLICY, digest=text_digest(POLICY))
        found = store.get_policy(name, alias)
        assert found is not None
        assert (found.name, found.text, found.digest) == ("*", POLICY, text_digest(POLICY))
        own = POLICY.replace("0.5", "0.7")
        store.set_policy(name, alias, own, digest=text_digest(own))
        assert store.get_policy(name, alias).text == own  # type: ignore[union-attr]
        assert {item.name for item in store.list_policies() if item.alias == alias} == {"*", name}
        store.set_policy(name, alias, "", digest=text_digest(""))
        assert store.get_policy(name, alias).name == "*"  # type: ignore[union-attr]
        store.set_policy("*", alias, "", digest=text_digest(""))
        assert store.get_policy(name, alias) is None

    def test_a_gate_may_stand_before_a_model_exists_and_outlives_it(
        self, store: ReleaseStore, registry: RegistryStore
    ) -> None:
        name = f"model-{uuid4().hex[:12]}"
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        registry.create_registered_model(name)
        registry.delete_registered_model(name)
        assert store.get_policy(name, "champion") is not None

    def test_a_gate_goes_with_a_renamed_model(
        self, store: ReleaseStore, registry: RegistryStore, name: str
    ) -> None:
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        registry.rename_registered_model(name, name + "-new")
        assert store.get_policy(name + "-new", "champion") is not None

    @pytest.mark.parametrize("alias", ["latest", "v1", "a b", ""])
    def test_a_gate_before_no_alias_is_refused(
        self, store: ReleaseStore, name: str, alias: str
    ) -> None:
        with pytest.raises(BadInput):
            store.set_policy(name, alias, POLICY, digest=text_digest(POLICY))

    def test_verdicts_read_back_newest_first(self, store: ReleaseStore, name: str) -> None:
        store.set_policy(name, "champion", POLICY, digest=text_digest(POLICY))
        store.record_evidence([evidence(name, 2)])
        first = store.record_verdict(verdict(name, 1))
        second = store.record_verdict(verdict(name, 2, passed=True))
        assert store.list_verdicts(name) == [second, first]
        assert store.list_verdicts(name, version=1) == [first]
        assert store.list_verdicts(name, alias="other") == []
        assert (first.passed, second.passed) == (False, True)

    def test_a_verdict_about_an_unknown_version_is_refused(
        self, store: ReleaseStore, name: str
    ) -> None:
        with pytest.raises(NotFound):
            store.record_verdict(verdict(name, 9))
