"""Train thirteen configurations, each in a run of its own."""

from __future__ import annotations

from itertools import product

from train import train

import mainstay

CONFIGURATIONS = [
    *product(("logistic", "forest", "boosting"), (False, True), ("none", "over")),
    ("stump", False, "none"),
]

if __name__ == "__main__":
    mainstay.autolog()
    for model, log_scale, sampling in CONFIGURATIONS:
        run_id = train(model, log_scale=log_scale, sampling=sampling)
        print(f"{model:9} log_scale={log_scale!s:5} sampling={sampling:5} run {run_id}", flush=True)
