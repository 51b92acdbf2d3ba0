"""Lightning on two ranks under autolog: one run, written by the first rank, nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.client import Client
from tests.support.parts import PROJECT, library

library("torch")
library("pytorch_lightning")

STEPS = 4
"""Steps of an epoch on each of two ranks: 64 rows, in batches of 8."""

TRAIN = """
import sys, warnings
import pytorch_lightning as lightning
import torch
from torch.utils.data import DataLoader, TensorDataset
import mainstay

warnings.filterwarnings("ignore")
mainstay.pytorch.autolog(log_every_n_step=1)

class Line(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def forward(self, batch):
        return self.layer(batch)

    def training_step(self, batch, index):
        loss = torch.nn.functional.mse_loss(self(batch[0]), batch[1])
        self.log("loss", loss, on_step=True, on_epoch=True, sync_dist=True)
        return loss

    def validation_step(self, batch, index):
        self.log("val_loss", torch.nn.functional.mse_loss(self(batch[0]), batch[1]), sync_dist=True)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05)

def loader():
    torch.manual_seed(0)
    rows = torch.randn(64, 4)
    return DataLoader(TensorDataset(rows, rows.sum(1, keepdim=True)), batch_size=8)

if __name__ == "__main__":
    trainer = lightning.Trainer(
        max_epochs=2, accelerator="cpu", devices=2, strategy=sys.argv[1], logger=False,
        enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=1,
    )
    trainer.fit(Line(), loader(), loader())
    if trainer.is_global_zero:
        print("loss", float(trainer.callback_metrics["loss_epoch"]))
"""


@pytest.mark.parametrize("strategy", ["ddp", "ddp_spawn", "ddp_fork"])
def test_two_ranks_are_one_run_with_each_point_once(tmp_path: Path, strategy: str) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    uri = f"sqlite:///{tmp_path}/runs.db"
    done = subprocess.run(
        [sys.executable, "train.py", strategy],
        cwd=tmp_path,
        env={
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(PROJECT),
            "MAINSTAY_TRACKING_URI": uri,
            "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
            "MAINSTAY_END_WAIT": "60",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    client = Client(uri)
    (run,) = client.search_runs(["0"])
    assert (run.info.status, run.data.params["epochs"]) == ("FINISHED", "2")
    epochs = client.get_metric_history(run.info.run_id, "loss_epoch")
    assert [point.step for point in epochs] == [0, 1]
    assert epochs[-1].value == pytest.approx(float(done.stdout.split()[-1]))
    steps = client.get_metric_history(run.info.run_id, "loss_step")
    assert [point.step for point in steps] == list(range(2 * STEPS))
    assert [p.step for p in client.get_metric_history(run.info.run_id, "val_loss")] == [0, 1]
    assert len(run.outputs.model_outputs) == 1
    assert "could not record" not in done.stderr
