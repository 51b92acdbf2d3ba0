"""Ranks of a distributed training write into one run, each through a segment of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from mainstay.client import Client
from tests.support.parts import library

TRAIN = """
import os
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
import mainstay

dist.init_process_group("gloo")
rank = dist.get_rank()
torch.manual_seed(0)
model = DistributedDataParallel(torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

shared = [None]
if rank == 0:
    mainstay.start_run(run_name="ddp")
    mainstay.log_param("world", dist.get_world_size())
    shared = [mainstay.active_run().info.run_id]
dist.broadcast_object_list(shared)
if rank:
    mainstay.start_run(run_id=shared[0])

torch.manual_seed(rank)
for step in range(50):
    rows = torch.randn(16, 4)
    loss = ((model(rows) - rows.sum(1, keepdim=True)) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    mainstay.log_metric(f"loss_of_rank_{rank}", loss.item(), step=step)
    mainstay.log_metric("both", float(rank), step=2 * step + rank)

weights = [None, None]
dist.all_gather_object(weights, model.module.weight.detach().tolist())
assert weights[0] == weights[1]
dist.barrier()
if rank:
    mainstay.flush(30)
    os._exit(0)        # as launchers and crashed workers do: without any last words
mainstay.log_metric("end", 1.0)
mainstay.end_run()
print(shared[0])
dist.destroy_process_group()
"""


def test_two_ranks_of_ddp_write_one_run_and_lose_nothing(tmp_path: Path) -> None:
    library("torch")
    (tmp_path / "train.py").write_text(TRAIN)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    uri = f"sqlite:///{tmp_path}/runs.db"
    ranks = [
        subprocess.Popen(
            [sys.executable, "train.py"],
            cwd=tmp_path,
            env={
                **os.environ,
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
                "WORLD_SIZE": "2",
                "RANK": str(rank),
                "OMP_NUM_THREADS": "1",
                "MAINSTAY_TRACKING_URI": uri,
                "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        printed = [rank.communicate(timeout=240)[0] for rank in ranks]
    finally:
        for rank in ranks:
            rank.kill()
    assert [rank.returncode for rank in ranks] == [0, 0]
    run_id = printed[0].split()[-1]
    client = Client(uri)
    run = client.get_run(run_id)
    assert (run.info.status, run.data.params) == ("FINISHED", {"world": "2"})
    for rank in range(2):
        steps = [p.step for p in client.get_metric_history(run_id, f"loss_of_rank_{rank}")]
        assert steps == list(range(50))
    both = [(p.step, p.value) for p in client.get_metric_history(run_id, "both")]
    assert sorted(both) == [(step, float(step % 2)) for step in range(100)]
    assert run.data.metrics["end"] == 1.0
