"""Compose file and manifests brought up for real; a stock client goes on while servers stop."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from tests.deploy.stack import PASSWORDS, SECONDS, Stack
from tests.support.containers import Podman
from tests.support.parts import MLFLOW_PYTHON, PROJECT, require
from tests.support.server import Door

pytestmark = pytest.mark.timeout(900)
"""The first test may make the base image and the server's."""

MANIFESTS = PROJECT / "deploy" / "kubernetes"
LOGIN = ("admin", PASSWORDS["ADMIN_PASSWORD"])
STOCK = """
import sys, mlflow
from pathlib import Path
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("shared")
Path("report.txt").write_text("from before\\n" * 100_000)
with mlflow.start_run() as run:
    mlflow.log_param("depth", 3)
    mlflow.log_artifact("report.txt", "docs")
    print("halfway", flush=True)
    sys.stdin.readline()
    for step in range(40):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_artifact("report.txt", "again")
client = mlflow.MlflowClient()
found = client.get_run(run.info.run_id)
assert found.info.status == "FINISHED", found.info
points = client.get_metric_history(run.info.run_id, "loss")
assert [point.step for point in points] == list(range(40)), points
copy = mlflow.artifacts.download_artifacts(
    run_id=run.info.run_id, artifact_path="again/report.txt", dst_path=".")
assert Path(copy).read_text() == Path("report.txt").read_text()
print(run.info.run_id)
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Podman:
    return Podman(tmp_path_factory.mktemp("engine"), networks=True)


@pytest.fixture(scope="module")
def stack(engine: Podman, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    found = Stack(engine, image, tmp_path_factory.mktemp("stack"))
    try:
        found.up()
        yield found
    finally:
        found.down()


def basic() -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(":".join(LOGIN).encode()).decode()}


def test_one_of_two_servers_dies_and_a_stock_client_goes_on(stack: Stack, tmp_path: Path) -> None:
    require("mlflow")
    with subprocess.Popen(
        [str(MLFLOW_PYTHON), "-c", STOCK, stack.url],
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "MLFLOW_TRACKING_USERNAME": LOGIN[0],
            "MLFLOW_TRACKING_PASSWORD": LOGIN[1],
            "MLFLOW_DISABLE_TELEMETRY": "true",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "halfway\n"
        stack.podman.call("kill", stack.container("server", 1))
        said, errors = client.communicate("\n", timeout=SECONDS)
    assert client.returncode == 0, errors[-3000:]
    path = f"/api/2.0/mlflow/runs/get?run_id={said.split()[-1]}"
    assert stack.request("GET", path, headers=basic()).status == 200
    assert stack.healthy("server", 2)


def test_the_balancer_lets_nobody_in_without_a_name(stack: Stack) -> None:
    path = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=shared"
    assert stack.request("GET", path).status == 401
    assert stack.request("GET", path, headers=basic()).status in (200, 404)


@pytest.fixture(scope="module")
def pods(
    engine: Podman, stack: Stack, image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """The job of the manifests, then two pods of its deployment, by ``podman kube play``.

    Podman has no Job and no Service, publishes every port that a container names, and finds no port
    by its name: pods are made of the templates, and ports and probes are left to the tests.
    """
    folder = tmp_path_factory.mktemp("kube")
    mark = uuid4().hex[:8]
    secrets = {
        f"mainstay-{mark}": {
            "MAINSTAY_BACKEND_STORE_URI": "postgresql://mainstay:"
            f"{PASSWORDS['POSTGRES_PASSWORD'].replace(' ', '%20')}@database/mainstay",
            "AWS_ACCESS_KEY_ID": "mainstay",
            "AWS_SECRET_ACCESS_KEY": PASSWORDS["OBJECTS_PASSWORD"],
        },
        f"mainstay-admin-{mark}": {"ADMIN_PASSWORD": PASSWORDS["ADMIN_PASSWORD"]},
    }
    names = [f"prepare-{mark}", f"server-{mark}-1", f"server-{mark}-2"]
    try:
        for name, values in secrets.items():
            coded = {key: base64.b64encode(text.encode()).decode() for key, text in values.items()}
            (folder / name).write_text(json.dumps(coded))
            engine.call("secret", "create", name, str(folder / name))
        for name in names:
            template = "migrate.yaml" if name.startswith("prepare") else "deployment.yaml"
            play = folder / f"{name}.yaml"
            play.write_text(yaml.safe_dump_all(manifests(name, template, image, mark)))
            engine.call("kube", "play", "--network", stack.network, str(play))
            if template == "migrate.yaml":
                code = engine.call("wait", f"{name}-prepare").strip()
                assert code == "0", engine.call("logs", f"{name}-prepare")
        yield names[1:]
    finally:
        for name in names:
            remove(engine, "pod", "rm", "--force", "--time", "0", name)
        for name in secrets:
            remove(engine, "secret", "rm", name)
        remove(engine, "volume", "rm", f"tmp-{mark}")


def remove(engine: Podman, *arguments: str) -> None:
    subprocess.run(["podman", *arguments], env=engine.environment, capture_output=True)


def manifests(name: str, template: str, image: str, mark: str) -> list[dict[str, Any]]:
    """Return the settings and a pod of this name, as the manifests have them."""
    settings = yaml.safe_load((MANIFESTS / "config.yaml").read_text())
    settings["metadata"]["name"] = f"mainstay-{mark}"
    settings["data"].update(
        MAINSTAY_ARTIFACTS_DESTINATION="s3://mainstay/kube",
        MAINSTAY_S3_ENDPOINT_URL="http://objects:9000",
    )
    text = (MANIFESTS / template).read_text()
    found = yaml.safe_load(text)["spec"]["template"]
    [container] = found["spec"]["containers"]
    container["image"] = image
    for kind in ("ports", "startupProbe", "livenessProbe", "readinessProbe"):
        container.pop(kind, None)
    for source in container["envFrom"]:
        [reference] = source.values()
        reference["name"] += f"-{mark}"
    [volume] = found["spec"]["volumes"]
    [mount] = container["volumeMounts"]
    volume["name"] = mount["name"] = f"tmp-{mark}"
    found["metadata"]["name"] = name
    return [settings, {"apiVersion": "v1", "kind": "Pod", **found}]


def door(engine: Podman, pod: str) -> Door:
    """Return where the server in a pod answers, once it is ready."""
    infra = engine.call("pod", "inspect", pod, "--format", "{{.InfraContainerID}}").strip()
    address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    found = Door(f"http://{engine.call('inspect', '--format', address, infra).strip()}:5000")
    probe = yaml.safe_load((MANIFESTS / "deployment.yaml").read_text())
    [container] = probe["spec"]["template"]["spec"]["containers"]
    path = container["readinessProbe"]["httpGet"]["path"]
    found.wait_until_ok(path, log=lambda: engine.call("logs", f"{pod}-server"), seconds=SECONDS)
    return found


def test_pods_of_the_manifests_share_what_they_keep(engine: Podman, pods: list[str]) -> None:
    one, two = (door(engine, pod) for pod in pods)
    root = "/api/2.0/mlflow-artifacts/artifacts/by-pods"
    put = one.request("PUT", f"{root}/a.txt", b"through the first", basic())
    assert put.status == 200, put
    assert two.request("GET", f"{root}/a.txt", headers=basic()).body == b"through the first"
    assert two.request("GET", f"{root}/a.txt").status == 401


def test_a_pod_is_nobody_special_and_can_write_to_its_tmp_only(
    engine: Podman, pods: list[str]
) -> None:
    door(engine, pods[0])
    command = (
        "id -u; touch /tmp/x && echo there; touch /opt/x || echo refused; cat /proc/self/status"
    )
    said = engine.call("exec", f"{pods[0]}-server", "/bin/sh", "-c", command)
    assert said.split()[:3] == ["10001", "there", "refused"]
    assert "CapEff:\t0000000000000000" in said


def test_a_pod_that_is_told_to_end_ends_with_0(engine: Podman, pods: list[str]) -> None:
    door(engine, pods[1])
    engine.call("stop", "--time", "40", f"{pods[1]}-server")
    assert engine.call("wait", f"{pods[1]}-server").strip() == "0"
    assert door(engine, pods[0]).request("GET", "/livez").status == 200
