"""A Lightning trainer with validation and early stopping."""

from __future__ import annotations

import tempfile
from typing import Any

import pytorch_lightning as lightning
import torch
from pytorch_lightning.callbacks import EarlyStopping
from torch.utils.data import DataLoader, TensorDataset


class Line(lightning.LightningModule):
    """A line with a loss and an error."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Return predictions, shape (rows, 1)."""
        return self.layer(batch)

    def training_step(self, batch: Any, index: int) -> torch.Tensor:
        """Return the loss of a batch."""
        loss = torch.nn.functional.mse_loss(self(batch[0]), batch[1])
        self.log("loss", loss, on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch: Any, index: int) -> None:
        """Log the loss of a batch."""
        self.log("val_loss", torch.nn.functional.mse_loss(self(batch[0]), batch[1]))

    def test_step(self, batch: Any, index: int) -> None:
        """Log the loss of a batch."""
        self.log("test_loss", torch.nn.functional.mse_loss(self(batch[0]), batch[1]))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return plain Adam."""
        return torch.optim.Adam(self.parameters(), lr=0.05)


def loader() -> DataLoader[Any]:
    """Return 64 rows of a line with noise, in batches of 16."""
    torch.manual_seed(0)
    features = torch.randn(64, 4)
    targets = features.sum(1, keepdim=True) + 0.1 * torch.randn(64, 1)
    return DataLoader(TensorDataset(features, targets), batch_size=16)


def trainer(epochs: int = 3, **given: Any) -> lightning.Trainer:
    """Return a quiet trainer on the processor."""
    return lightning.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
        **given,
    )


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.pytorch.autolog(checkpoint=False)
    torch.manual_seed(1)
    stop = EarlyStopping("val_loss", patience=2)
    with tempfile.TemporaryDirectory() as folder:
        trainer(callbacks=[stop], default_root_dir=folder).fit(Line(), loader(), loader())
