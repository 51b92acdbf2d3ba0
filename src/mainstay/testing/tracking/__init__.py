"""The contract of a tracking store as tests: subclass it and give a fixture ``store``.

    class TestMyStore(TrackingStoreContract):
        @pytest.fixture
        def store(self):
            return MyStore()

``TrackingEffects`` is what every store must do; ``TrackingRefusals`` is that a mistake is refused
by the call that makes it, which a store behind a spool does not promise for log calls. Every test
makes experiments of its own, so the store need not be empty.
"""

from mainstay.testing.tracking.experiments import ExperimentEffects, ExperimentRefusals
from mainstay.testing.tracking.logged_models import LoggedModelEffects, LoggedModelRefusals
from mainstay.testing.tracking.metrics import MetricEffects, MetricRefusals
from mainstay.testing.tracking.runs import RunEffects, RunRefusals
from mainstay.testing.tracking.search import SearchEffects, SearchRefusals
from mainstay.testing.tracking.segments import SegmentEffects, SegmentRefusals


class TrackingEffects(
    ExperimentEffects,
    RunEffects,
    MetricEffects,
    SearchEffects,
    LoggedModelEffects,
    SegmentEffects,
):
    """What is written is read again, in the order and with the values it was given."""


class TrackingRefusals(
    ExperimentRefusals,
    RunRefusals,
    MetricRefusals,
    SearchRefusals,
    LoggedModelRefusals,
    SegmentRefusals,
):
    """A mistake is refused at once, with the right error, and changes nothing."""


class TrackingStoreContract(TrackingEffects, TrackingRefusals):
    """Both suites."""


__all__ = ["TrackingEffects", "TrackingRefusals", "TrackingStoreContract"]
