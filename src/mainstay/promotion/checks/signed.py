"""The check ``signed``: the version's files were signed by keys that the policy trusts."""

from __future__ import annotations

from typing import ClassVar

from mainstay.entities.release import CheckResult, Outcome
from mainstay.errors import BadInput
from mainstay.promotion import signatures
from mainstay.promotion.checks.base import Parameters, Subject


class Signed(Parameters, frozen=True, kw_only=True):
    """``signers`` of these ``keys`` signed exactly these files.

    A key is the PEM text of a public EC key, or its fingerprint as ``mainstay models sign`` prints
    it. Signatures are verified here and now; who recorded them does not matter.
    """

    kind: ClassVar[str] = "signed"
    keys: list[str]
    signers: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.signers <= len(self.keys):
            raise ValueError("give at least as many keys as signers, and one of each")
        try:
            signatures.check_keys(self.keys)
        except BadInput as error:
            raise ValueError(f"keys: {error.message}") from error

    def run(self, evidence: Subject, baseline: Subject | None) -> CheckResult:
        """Verify every signature that was recorded."""
        good, problems = signatures.signers(evidence.evidence, evidence.digest, self.keys)
        required = f"{self.signers} of {len(self.keys)} keys"
        if len(good) >= self.signers:
            names = ", ".join(key[:12] for key in good)
            message = f"signed by {names}"
            return self.result("pass", message, observed=len(good), required=required)
        why = f" ({'; '.join(sorted(set(problems)))})" if problems else ""
        message = (
            f"{len(good)} of {self.signers} trusted signatures{why}; sign it: mainstay models sign "
            f"models:/{evidence.name}/{evidence.version} --private-key KEY.pem"
        )
        outcome: Outcome = "fail" if problems else "inconclusive"
        return self.result(outcome, message, observed=len(good), required=required)
