"""Warm a version up before it accepts: its own input example, then bodies sampled from traffic."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from mainstay.errors import BadInput, InvalidModel
from mainstay.serving.channel import Sample
from mainstay.serving.served import ModelFailed, ServedModel

log = logging.getLogger(__name__)


def warm_up(served: ServedModel, samples: Sequence[Sample]) -> tuple[int, list[str]]:
    """Return how many bodies were answered, and what was odd.

    The samples were all answered by the version before. One that fails here is a warning, since
    a version may rightly refuse what another took; when all of them fail, it is no successor.

    Raises:
        InvalidModel: it cannot predict its own input example, or fails on every sample.
    """
    answered = 0
    example = served.example()
    if example is not None:
        try:
            served.answer("application/json", example, "warm-up")
            answered += 1
        except (BadInput, ModelFailed) as error:
            raise InvalidModel(
                f"{served.title} cannot predict its own input example: {error.message}"
            ) from error
    failures = [message for sample in samples if (message := _try(served, sample))]
    if samples and len(failures) == len(samples):
        raise InvalidModel(
            f"{served.title} failed on all {len(samples)} recent requests that the version "
            f"before it answered; the last failure: {failures[-1]}"
        )
    warnings = []
    if failures:
        warnings.append(
            f"{served.title} failed on {len(failures)} of {len(samples)} recent requests: "
            f"{failures[-1]}"
        )
    return answered + len(samples) - len(failures), warnings


def _try(served: ServedModel, sample: Sample) -> str:
    try:
        served.answer(sample.content_type or None, sample.body, "warm-up")
    except (BadInput, ModelFailed) as error:
        return error.message
    return ""
