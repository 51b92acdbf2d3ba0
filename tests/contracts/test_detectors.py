"""Every detector of the table keeps the contract."""

from __future__ import annotations

import pytest

from mainstay.statistics.detectors import DETECTORS, Detector
from mainstay.testing.detectors import DetectorContract


class TestDetectors(DetectorContract):
    @pytest.fixture(params=DETECTORS.names())
    def detector(self, request: pytest.FixtureRequest) -> Detector:
        return DETECTORS.get(request.param)
