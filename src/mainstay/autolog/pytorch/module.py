"""What there is to say of a network and its optimizer, and how its model is logged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from mainstay.autolog import models
from mainstay.autolog.recording import Recording


class FirstBatch:
    """A few rows of what a network was called with first, and a way to forget the hook."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.rows: Any = None
        self._hook = model.register_forward_pre_hook(self._seen)

    def _seen(self, _: Any, inputs: tuple[Any, ...]) -> None:
        self._hook.remove()
        if len(inputs) == 1 and isinstance(inputs[0], torch.Tensor):
            rows = inputs[0][: models.EXAMPLE_ROWS].detach().cpu()
            self.rows = rows.float().numpy() if rows.dtype == torch.bfloat16 else rows.numpy()

    def done(self) -> None:
        """Take the hook off, where the network was never called."""
        self._hook.remove()


def optimizer_params(optimizers: Iterable[Any]) -> dict[str, Any]:
    """Return the optimizers' names and settings; the second's are prefixed ``optimizer_1_``."""
    found: dict[str, Any] = {}
    for index, one in enumerate(optimizers):
        prefix = f"optimizer_{index}_" if index else ""
        inner = getattr(one, "optimizer", one)
        found[prefix + ("name" if index else "optimizer_name")] = type(inner).__name__
        found |= {f"{prefix}{key}": value for key, value in inner.defaults.items()}
    return found


def summary(model: torch.nn.Module) -> str:
    """Return the modules as text, with their parameters counted."""
    count = sum(one.numel() for one in model.parameters())
    trained = sum(one.numel() for one in model.parameters() if one.requires_grad)
    return f"{model}\n\nparameters: {count}, of which {trained} are trained\n"


def log_model(recording: Recording, model: torch.nn.Module, rows: Any) -> None:
    """Log the network; what it says to ``rows`` makes the signature."""
    options = recording.options
    if not options.log_models:
        return
    answers = None
    if rows is not None:
        with recording.part("the signature"):
            answers = models.answers("pytorch", model, rows)
    with recording.part("the model"):
        shown = rows if answers is not None else None
        models.log_fitted(options, "pytorch", model, rows=shown, answers=answers)
