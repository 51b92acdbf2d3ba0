"""What a model takes and gives: its signature, as MLmodel writes it."""

from __future__ import annotations

from typing import Any

from mainstay.evaluation.subject import Subject, beside


class Schema:
    """The measure ``schema``: ``inputs`` and ``outputs``, empty where the model names none."""

    kind = "schema"

    def measure(self, subject: Subject) -> dict[str, Any]:
        """Read the signature."""
        return beside(subject, _values)


MEASURE = Schema()


def _values(subject: Subject) -> dict[str, Any]:
    signature = subject.model.signature
    inputs = signature.inputs if signature is not None else None
    outputs = signature.outputs if signature is not None else None
    return {
        "inputs": inputs.to_dict() if inputs is not None else [],
        "outputs": outputs.to_dict() if outputs is not None else [],
    }
