"""The contract of drift detectors as tests: subclass, and give a fixture ``detector``.

class TestMyDetector(DetectorContract):
    @pytest.fixture
    def detector(self):
        return MyDetector()
"""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.errors import BadInput
from mainstay.statistics.detectors import Detector

REFERENCE = np.array([500] * 10 + [20, 30])
"""Ten bins, then unseen, then null."""


class DetectorContract:
    """What every detector promises."""

    def test_it_says_what_it_is(self, detector: Detector) -> None:
        assert detector.name
        assert set(detector.kinds) <= {"numeric", "categorical"}
        assert detector.kinds
        assert detector.default_threshold >= 0

    def test_it_is_silent_on_the_same_counts(self, detector: Detector) -> None:
        found = detector.score(REFERENCE, REFERENCE)
        assert found.score == pytest.approx(0, abs=1e-6)
        assert found.effect == pytest.approx(0, abs=1e-6)
        assert found.p_value == pytest.approx(1)

    def test_it_hears_nulls_begin(self, detector: Detector) -> None:
        found = detector.score([500] * 10 + [0, 0], [5] * 10 + [0, 50])
        assert found.p_value < 1e-9
        assert found.effect > detector.default_threshold
        assert found.score > found.critical

    def test_it_seldom_alarms_without_a_change(self, detector: Detector) -> None:
        random = np.random.default_rng(77)
        shares = REFERENCE / REFERENCE.sum()
        tries, alarms = 400, 0
        for _ in range(tries):
            reference, current = (random.multinomial(rows, shares) for rows in (5000, 300))
            alarms += detector.score(reference, current).p_value < 0.05
        assert alarms / tries <= 0.08

    def test_it_leaves_the_counts_alone_and_answers_alike(self, detector: Detector) -> None:
        reference, current = REFERENCE.copy(), REFERENCE[::-1].copy()
        first = detector.score(reference, current)
        assert detector.score(reference, current) == first
        assert (reference == REFERENCE).all()
        assert (current == REFERENCE[::-1]).all()

    def test_an_empty_side_and_other_bins_are_refused(self, detector: Detector) -> None:
        with pytest.raises(BadInput):
            detector.score(REFERENCE, np.zeros(12))
        with pytest.raises(BadInput):
            detector.score(REFERENCE, np.ones(11))
