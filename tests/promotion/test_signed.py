"""The check ``signed`` believes nothing that it cannot verify itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mainstay.entities.release import Evidence
from mainstay.errors import BadInput, GateRefused
from mainstay.packaging import manifest, signing
from mainstay.packaging.manifest import Entry
from mainstay.promotion import policy as policies
from mainstay.promotion import signatures
from mainstay.promotion.checks.signed import Signed
from tests.promotion.cases import DIGEST, subject
from tests.promotion.conftest import House

ENTRIES = [Entry("MLmodel", 3, "ab" * 32), Entry("model.bin", 5, "cd" * 32)]
FILES = manifest.digest(ENTRIES)
PRIVATE, PEM = signing.generate()
KEY = signing.public_key(PEM)
OTHER_PRIVATE, OTHER_PEM = signing.generate()
OTHER = signing.public_key(OTHER_PEM)


def signed(private: bytes = PRIVATE, version: int = 2) -> Evidence:
    bundle = signing.sign(ENTRIES, private)
    return signatures.evidence("churn", version, bundle, ENTRIES, signing.public_of(private))


@pytest.mark.parametrize("key", [KEY.pem, KEY.fingerprint], ids=["whole", "fingerprint"])
def test_a_trusted_key_given_whole_or_by_fingerprint_passes(key: str) -> None:
    found = Signed(keys=[key]).run(subject(signed(), digest=FILES), None)
    assert (found.outcome, found.observed) == ("pass", 1)
    assert KEY.fingerprint[:12] in found.message


def test_two_signers_are_two_keys() -> None:
    check = Signed(keys=[KEY.fingerprint, OTHER.fingerprint], signers=2)
    one = signed()
    again = replace(one, evidence_id="again")
    assert check.run(subject(one, again, digest=FILES), None).outcome == "inconclusive"
    both = subject(one, signed(OTHER_PRIVATE), digest=FILES)
    assert check.run(both, None).outcome == "pass"


def test_without_a_signature_nothing_can_be_said() -> None:
    found = Signed(keys=[KEY.pem]).run(subject(digest=FILES), None)
    assert found.outcome == "inconclusive"
    assert "mainstay models sign models:/churn/2" in found.message


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (signed(OTHER_PRIVATE), "none of the keys"),
        (replace(signed(), values={"key": KEY.fingerprint}), "cannot be read"),
        (replace(signed(), values={**signed().values, "files": []}), "other files"),
        (replace(signed(), values={**signed().values, "bundle": "{}"}), "no OMS bundle"),
        (
            # Claims to be by the trusted key, and was made with another.
            replace(signed(OTHER_PRIVATE), values={**signed(OTHER_PRIVATE).values, "key": KEY.pem}),
            "none of the keys",
        ),
    ],
)
def test_made_up_evidence_gains_nothing(item: Evidence, why: str) -> None:
    found = Signed(keys=[KEY.fingerprint]).run(subject(item, digest=FILES), None)
    assert found.outcome == "fail"
    assert why in found.message


@pytest.mark.parametrize("digest", [DIGEST, None])
def test_a_signature_of_other_files_does_not_count(digest: str | None) -> None:
    found = Signed(keys=[KEY.pem]).run(subject(signed(), digest=digest), None)
    assert found.outcome == "fail"
    assert "other files" in found.message


@pytest.mark.parametrize("keys", ["[]", "[x]", "['BEGIN PUBLIC KEY']"])
def test_a_policy_with_keys_that_are_none_is_refused(keys: str) -> None:
    with pytest.raises(BadInput, match="line 2"):
        policies.parse(f"checks:\n  - {{kind: signed, keys: {keys}}}\n")


def test_an_alias_moves_only_to_a_signed_version(house: House) -> None:
    house.plain_registry.create_model_version("churn", "s3://bucket/4", digest=FILES)
    house.gate(f"checks:\n  - {{kind: signed, keys: [{KEY.fingerprint}]}}\nmeasured_by: [ci]\n")
    with pytest.raises(GateRefused, match="signed"):
        house.registry.set_alias("churn", "champion", 4)
    house.release.record_evidence([signed(version=4)])
    house.registry.set_alias("churn", "champion", 4)
    assert house.holder() == 4


@pytest.mark.parametrize("alias", ["Production", "champion"])
def test_an_unsigned_version_enters_no_signed_stage(house: House, alias: str) -> None:
    house.plain_registry.create_model_version("churn", "s3://bucket/4", digest=FILES)
    house.gate(f"checks:\n  - {{kind: signed, keys: [{KEY.fingerprint}]}}\n", alias=alias)
    with pytest.raises(GateRefused, match="signed"):
        house.registry.transition_stage("churn", 4, "Production")
    house.release.record_evidence([signed(OTHER_PRIVATE, version=4)])
    with pytest.raises(GateRefused, match="none of the keys"):
        house.registry.transition_stage("churn", 4, "Production")
    house.release.record_evidence([signed(version=4)])
    moved = house.registry.transition_stage("churn", 4, "Production")
    assert moved.current_stage == "Production"
