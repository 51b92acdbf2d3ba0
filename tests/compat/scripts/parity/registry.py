"""Registered models, versions, aliases, stages and tags through MlflowClient."""

from contextlib import suppress

import mlflow
from mlflow import MlflowClient, MlflowException
from recording import PREFIX, URL, experiment, step

mlflow.set_tracking_uri(URL)
client = MlflowClient(URL)
one = experiment(client.create_experiment(f"{PREFIX}-registry"), "R")
run = client.create_run(one)
run_id = run.info.run_id
client.log_text(run_id, "weights", "model/data.txt")
source = f"{run.info.artifact_uri}/model"
name, other = f"{PREFIX}-forest", f"{PREFIX}-garden"


def versions(text, **named):
    page = client.search_model_versions(text, **named)
    return [(found.name, int(found.version)) for found in page]


def models(text, **named):
    return [found.name for found in client.search_registered_models(text, **named)]


step("create", client.create_registered_model, name, tags={"a": "1"}, description="first")
step("create again", client.create_registered_model, name)
step("create other", client.create_registered_model, other)
loose = f"{PREFIX}-loose"
step("create loose", client.create_registered_model, loose)
for bad in ("", " ", "a/b", "a:b", f"{PREFIX}{'x' * 257}"):
    step(f"create {bad[-4:]!r}", client.create_registered_model, bad)
with suppress(MlflowException):  # one of the servers takes that name
    client.delete_registered_model(f"{PREFIX}{'x' * 257}")
step("get unknown", client.get_registered_model, "nobody")
for bad in ("a/b", "a:b", "a/../b"):
    step(f"get {bad}", client.get_registered_model, bad)
    step(f"rename {bad}", client.rename_registered_model, bad, "c")
    step(f"version of {bad}", client.create_model_version, bad, source, run_id)
step("version", client.create_model_version, name, source, run_id, tags={"k": "v"})
step("second", client.create_model_version, name, source, run_id, description="d")
step("third", client.create_model_version, name, source, run_id)
step("with link", client.create_model_version, name, source, run_id, run_link="http://x/1")
step("of no run", lambda: int(client.create_model_version(loose, source).version))
step("of an unknown model", client.create_model_version, "nobody", source, run_id)
step("of an unknown run", lambda: int(client.create_model_version(loose, source, "0" * 32).version))
step("from a local path", client.create_model_version, other, "/etc", run_id)
step("from a file address", client.create_model_version, other, "file:///etc", run_id)
step("from nowhere", client.create_model_version, other, "", run_id)
step("from a run", client.create_model_version, other, f"runs:/{run_id}/model", run_id)
step("get version", client.get_model_version, name, "1")
step("get version zero", client.get_model_version, name, "0")
step("get version in words", client.get_model_version, name, "one")
step("get version below zero", client.get_model_version, name, "-1")
step("get unknown version", client.get_model_version, name, "99")
step("get", client.get_registered_model, name)
step("update", client.update_registered_model, name, "changed")
step("update unknown", client.update_registered_model, "nobody", "x")
step("update version", client.update_model_version, name, "1", "d1")
step("set tag", client.set_registered_model_tag, name, "b", "2")
step("set tag unknown", client.set_registered_model_tag, "nobody", "b", "2")
step("set long tag", client.set_registered_model_tag, name, "k" * 251, "2")
step("set tag of long value", client.set_registered_model_tag, name, "k", "v" * 100_001)
step("drop tag", client.delete_registered_model_tag, name, "b")
step("drop tag again", client.delete_registered_model_tag, name, "b")
step("set version tag", client.set_model_version_tag, name, "1", "t", "x")
step("set version tag unknown", client.set_model_version_tag, name, "99", "t", "x")
step("drop version tag", client.delete_model_version_tag, name, "1", "t")
step("drop version tag again", client.delete_model_version_tag, name, "1", "t")
for alias in ("champion", "Champion2", "latest", "v1", "1", "a b", "", "x" * 256, "ok-1_x"):
    step(f"alias {alias[:10]!r}", client.set_registered_model_alias, name, alias, "1")
step("alias moves", client.set_registered_model_alias, name, "champion", "2")
step("alias of an unknown version", client.set_registered_model_alias, name, "champion", "99")
step("alias of an unknown model", client.set_registered_model_alias, "nobody", "champion", "1")
step("by alias", client.get_model_version_by_alias, name, "champion")
step("by alias in capitals", client.get_model_version_by_alias, name, "CHAMPION")
step("by latest", lambda: int(client.get_model_version_by_alias(name, "latest").version))
step("by unknown alias", client.get_model_version_by_alias, name, "nobody")
for bad in ("a.b", "a b", "v1", "1"):
    step(f"by alias {bad}", client.get_model_version_by_alias, name, bad)
step("by alias of an unknown model", client.get_model_version_by_alias, "nobody", "champion")
step("drop alias", client.delete_registered_model_alias, name, "ok-1_x")
step("drop alias again", client.delete_registered_model_alias, name, "ok-1_x")
step("stages", client.get_model_version_stages, name, "1")
step("stage", client.transition_model_version_stage, name, "1", "staging")
step("stage of two", client.transition_model_version_stage, name, "2", "Staging")
step("stage nonsense", client.transition_model_version_stage, name, "2", "Nonsense")
step(
    "stage archives",
    lambda: (
        client.transition_model_version_stage(
            name, "3", "Staging", archive_existing_versions=True
        ).current_stage
    ),
)
step("archived", lambda: [client.get_model_version(name, str(n)).current_stage for n in (1, 2, 3)])
step(
    "production",
    lambda: client.transition_model_version_stage(name, "2", "Production").current_stage,
)
step(
    "archive None",
    client.transition_model_version_stage,
    name,
    "2",
    "None",
    archive_existing_versions=True,
)
step("stage unknown version", client.transition_model_version_stage, name, "99", "Staging")
step(
    "latest",
    lambda: sorted((v.current_stage, int(v.version)) for v in client.get_latest_versions(name)),
)
step(
    "latest of stages",
    lambda: [
        (v.current_stage, int(v.version)) for v in client.get_latest_versions(name, ["Staging"])
    ],
)
step("latest of nonsense", client.get_latest_versions, name, ["Nonsense"])
step("latest unknown", client.get_latest_versions, "nobody")
step("download uri", client.get_model_version_download_uri, name, "1")
step("download uri unknown", client.get_model_version_download_uri, name, "99")
step("copy", lambda: dict(client.copy_model_version(f"models:/{name}/1", f"{PREFIX}-copy")))
step(
    "copy of an alias",
    lambda: client.copy_model_version(f"models:/{name}@champion", f"{PREFIX}-copy").source,
)
step("copy of nothing", client.copy_model_version, f"models:/{name}/99", f"{PREFIX}-copy")
step("copy of a path", client.copy_model_version, "/x", f"{PREFIX}-copy")
for text in (
    f"name = '{name}'",
    f"name != '{name}' AND name LIKE '{PREFIX}%'",
    f"name ILIKE '{PREFIX}-%'",
    f"name IN ('{name}', 'x')",
    "tags.a = '1'",
    "tag.a != '2'",
    "tags.a LIKE '1%'",
    "tags.`a` ILIKE '1'",
    "tags.a IS NULL",
    "name > 'a'",
    "description = 'x'",
    f"name = '{name}' AND tags.a = '1'",
    f"name = '{name}' OR name = '{other}'",
):
    step(
        f"models where {text}",
        models,
        f"{text} AND name LIKE '{PREFIX}%'" if "tag" in text else text,
    )
for order in (
    ["name DESC"],
    ["timestamp"],
    ["last_updated_timestamp DESC"],
    ["creation_timestamp"],
    ["nope"],
):
    step(f"models by {order}", models, f"name LIKE '{PREFIX}-%'", order_by=order)
for size in (0, -1, 1001):
    step(f"at most {size} models", models, "", max_results=size)
page = step(
    "a page of models", client.search_registered_models, f"name LIKE '{PREFIX}-%'", max_results=2
)
step(
    "the next",
    client.search_registered_models,
    f"name LIKE '{PREFIX}-%'",
    max_results=2,
    page_token=page.token,
)
for text in (
    f"name = '{name}'",
    f"name LIKE '{PREFIX}-f%'",
    f"run_id = '{run_id}' AND name = '{name}'",
    f"run_id IN ('{run_id}') AND name = '{name}'",
    f"source_path = '{source}' AND name = '{name}'",
    f"source_path LIKE '%model' AND name = '{name}'",
    f"version_number > 1 AND name = '{name}'",
    f"version_number = 2 AND name = '{name}'",
    f"tags.k = 'v' AND name = '{name}'",
    f"tag.k != 'w' AND name = '{name}'",
    "version_number = 'x'",
    "alias = 'champion'",
    "current_stage = 'Staging'",
    "creation_timestamp > 0",
    "name > 'x'",
    "version_number LIKE '1'",
):
    step(f"versions where {text}", versions, text)
for order in (
    ["version_number"],
    ["version_number DESC"],
    ["name", "version_number"],
    ["creation_timestamp"],
    ["nope"],
    ["version_number SIDEWAYS"],
):
    step(f"versions by {order}", versions, f"name = '{name}'", order_by=order)
for size in (0, -1, 200_001):
    step(f"at most {size} versions", versions, "", max_results=size)
step(
    "versions in pages",
    lambda: [versions(f"name = '{name}'", max_results=2, order_by=["version_number"])],
)
step("rename", client.rename_registered_model, name, f"{PREFIX}-woods")
step("rename to a taken name", client.rename_registered_model, other, f"{PREFIX}-woods")
step("rename unknown", client.rename_registered_model, "nobody", "x")
step("renamed", client.get_model_version_by_alias, f"{PREFIX}-woods", "champion")
step("old name", client.get_registered_model, name)
name = f"{PREFIX}-woods"
step("delete version", client.delete_model_version, name, "2")
step("its alias", client.get_model_version_by_alias, name, "champion")
step("delete version again", client.delete_model_version, name, "2")
step("next number", lambda: int(client.create_model_version(name, source, run_id).version))
step("delete last", client.delete_model_version, name, "5")
step("number after that", lambda: int(client.create_model_version(name, source, run_id).version))
step(
    "prompt",
    client.create_registered_model,
    f"{PREFIX}-prompt",
    tags={"mlflow.prompt.is_prompt": "true"},
)
step("searches leave prompts out", models, f"name LIKE '{PREFIX}-%'")
step(
    "but when asked", models, f"name LIKE '{PREFIX}-%' AND tags.`mlflow.prompt.is_prompt` = 'true'"
)
step("delete", client.delete_registered_model, name)
step("deleted", client.get_registered_model, name)
step("delete again", client.delete_registered_model, name)
step("versions of the deleted", versions, f"name = '{name}'")
step("name is free", lambda: client.create_registered_model(name).name)
step("numbers start again", lambda: int(client.create_model_version(name, source, run_id).version))
step(
    "register",
    lambda: int(
        mlflow.register_model(f"runs:/{run_id}/model", f"{PREFIX}-reg", tags={"x": "1"}).version
    ),
)
step("registered", client.get_model_version, f"{PREFIX}-reg", "1")
