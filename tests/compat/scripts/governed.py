"""Run by the stock mlflow package with a token: a gate and a role say no, at once and in words."""

import os
import sys
import time

from mlflow import MlflowClient, MlflowException

client = MlflowClient(sys.argv[1])
contributor, maintainer = sys.argv[2], sys.argv[3]


def refusal(call, *arguments):
    begun = time.monotonic()
    try:
        call(*arguments)
    except MlflowException as error:
        assert time.monotonic() - begun < 20, "the client retried a refusal"
        return error
    raise AssertionError(f"{call.__name__}{arguments} was not refused")


os.environ["MLFLOW_TRACKING_TOKEN"] = contributor
run = client.create_run("0")
client.log_text(run.info.run_id, "weights", "model/MLmodel")
client.create_registered_model("gated")
source = f"{run.info.artifact_uri}/model"
client.create_model_version("gated", source, run.info.run_id)
refused = refusal(client.set_registered_model_alias, "gated", "champion", "1")
assert refused.error_code == "PERMISSION_DENIED", refused.error_code
assert "maintainer" in str(refused), refused

os.environ["MLFLOW_TRACKING_TOKEN"] = maintainer
refused = refusal(client.set_registered_model_alias, "gated", "champion", "1")
assert refused.error_code == "PERMISSION_DENIED", refused.error_code
assert "champion" in str(refused), refused
assert "auc" in str(refused), refused
assert client.get_registered_model("gated").aliases == {}
refused = refusal(client.transition_model_version_stage, "gated", "1", "Production")
assert refused.error_code == "PERMISSION_DENIED", refused.error_code
assert "auc" in str(refused), refused
client.set_registered_model_alias("gated", "playground", "1")
assert client.get_registered_model("gated").aliases == {"playground": "1"}

del os.environ["MLFLOW_TRACKING_TOKEN"]
os.environ["MLFLOW_TRACKING_USERNAME"] = "maintainer"
os.environ["MLFLOW_TRACKING_PASSWORD"] = "correct horse battery staple"
assert client.get_model_version_by_alias("gated", "playground").version in (1, "1")

os.environ["MLFLOW_TRACKING_PASSWORD"] = "wrong horse battery staple"
refused = refusal(client.get_registered_model, "gated")
assert refused.error_code == "UNAUTHENTICATED", refused.error_code
print("GOVERNED OK")
