"""The explicit client: ids in, records out, each call returns when it is done.

The calls are those of ``MlflowClient``, under the same names. It is the only place that fills in
defaults (names, times, users); the stores below it take what they are given.
"""

from __future__ import annotations

from mainstay.client.artifacts import ArtifactCalls
from mainstay.client.experiments import ExperimentCalls
from mainstay.client.logged_models import LoggedModelCalls
from mainstay.client.provenance import ProvenanceCalls
from mainstay.client.registry import RegistryCalls
from mainstay.client.runs import RunCalls
from mainstay.client.standards import StandardCalls
from mainstay.client.webhooks import WebhookCalls


class Client(
    ExperimentCalls,
    RunCalls,
    ArtifactCalls,
    LoggedModelCalls,
    RegistryCalls,
    ProvenanceCalls,
    WebhookCalls,
    StandardCalls,
):
    """Everything that can be asked of a tracking server, a registry, or a local database."""


__all__ = ["Client"]
