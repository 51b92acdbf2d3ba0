"""Hold a candidate for registration to a scorecard."""

from __future__ import annotations

from pathlib import Path

from mainstay import uris
from mainstay.client import Client
from mainstay.errors import BadInput
from mainstay.promotion import scorecard


def require_score(client: Client, model_uri: str, card: Path) -> None:
    """Go on only if the run that made the model is accepted by the card in a file.

    Raises:
        BadInput: the model comes from no run, or the card cannot be read.
        GateRefused: the card refuses the run.
    """
    run_id = _run_of(client, model_uri)
    metrics = client.get_run(run_id).data.metrics
    scorecard.require(scorecard.score(f"run {run_id}", metrics, scorecard.parse(card.read_text())))


def _run_of(client: Client, model_uri: str) -> str:
    parsed = uris.parse(model_uri)
    if isinstance(parsed, uris.RunUri):
        return parsed.run_id
    if isinstance(parsed, uris.ModelUri) and parsed.model_id:
        made_by = client.get_logged_model(parsed.model_id).source_run_id
        if made_by:
            return made_by
    raise BadInput(
        f"{model_uri} comes from no run, so a scorecard has no metrics to read; "
        "register runs:/RUN_ID/NAME, or leave --scorecard out"
    )
