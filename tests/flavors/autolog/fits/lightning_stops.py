"""A Lightning trainer that stops early, with checkpoints and points every few steps."""

from __future__ import annotations

import tempfile
from typing import Any

import torch
from pytorch_lightning.callbacks import EarlyStopping

from tests.flavors.autolog.fits.lightning_fit import Line, loader, trainer


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.pytorch.autolog(log_every_n_step=2)
    torch.manual_seed(1)
    stop = EarlyStopping("val_loss", patience=1, min_delta=100.0)
    with tempfile.TemporaryDirectory() as folder:
        one = trainer(9, callbacks=[stop], default_root_dir=folder)
        one.fit(Line(), loader(), loader())
        one.test(Line(), loader(), verbose=False)
