"""Run by the stock mlflow package: what it deletes is gone for it, and comes back by our calls."""

import json
import sys
import urllib.request

from mlflow import MlflowClient, MlflowException

client = MlflowClient(sys.argv[1])


def gone(call, *arguments):
    try:
        call(*arguments)
    except MlflowException as error:
        return error.error_code == "RESOURCE_DOES_NOT_EXIST"
    return False


def ours(path, **fields):
    request = urllib.request.Request(
        f"{sys.argv[1]}/api/mainstay/1.0/registry/{path}",
        json.dumps(fields).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


run = client.create_run("0")
client.log_text(run.info.run_id, "weights", "model/MLmodel")
client.create_registered_model("churn", {"team": "risk"})
for _ in range(2):
    client.create_model_version("churn", f"{run.info.artifact_uri}/model", run.info.run_id)
client.set_model_version_tag("churn", "2", "data", "2026-01")
client.set_registered_model_alias("churn", "champion", "2")

client.delete_model_version("churn", "2")
assert gone(client.get_model_version, "churn", "2")
assert client.get_registered_model("churn").aliases == {}
assert [v.version for v in client.search_model_versions("name = 'churn'")] in ([1], ["1"])
ours("versions/restore", name="churn", version=2)
back = client.get_model_version("churn", "2")
assert back.tags == {"data": "2026-01"}, back.tags
assert list(back.aliases) == []
assert back.run_id == run.info.run_id

client.delete_registered_model("churn")
assert gone(client.get_registered_model, "churn")
assert gone(client.get_model_version, "churn", "1")
assert client.search_registered_models("name = 'churn'") == []
assert list(client.search_model_versions("name = 'churn'")) == []
client.create_registered_model("churn")
made = client.create_model_version("churn", f"{run.info.artifact_uri}/model", run.info.run_id)
assert str(made.version) == "1"
ours("models/restore", name="churn", new_name="churn-old")
assert client.get_registered_model("churn-old").tags == {"team": "risk"}
assert str(client.get_model_version("churn-old", "2").version) == "2"
print("RESTORED OK")
