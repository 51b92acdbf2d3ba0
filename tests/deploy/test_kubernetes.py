"""The manifests: valid by the schemas of Kubernetes, and true to what the server offers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from mainstay import __version__, settings
from mainstay.cli.main import cli
from mainstay.server.run import DRAIN_SECONDS
from mainstay.wire.endpoints import TABLE
from tests.support.parts import PROJECT

FOLDER = PROJECT / "deploy" / "kubernetes"
VERSIONS = ("1.30", "1.34")
MANIFESTS = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")


def load(name: str) -> dict[str, Any]:
    found = yaml.safe_load((FOLDER / name).read_text())
    assert isinstance(found, dict)
    return found


def pods() -> list[dict[str, Any]]:
    """The pod specs of all manifests."""
    every = [yaml.safe_load(path.read_text()) for path in MANIFESTS]
    return [one["spec"]["template"]["spec"] for one in every if "template" in one.get("spec", {})]


def containers() -> list[dict[str, Any]]:
    return [container for pod in pods() for container in pod["containers"]]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid_by_the_schemas(path: Path, version: str) -> None:
    kubernetes_validate.validate(yaml.safe_load(path.read_text()), version, strict=True)


def test_the_validator_refuses_what_is_misspelt() -> None:
    wrong = load("deployment.yaml")
    wrong["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


def test_the_list_of_resources_names_every_manifest() -> None:
    assert sorted(load("kustomization.yaml")["resources"]) == [path.name for path in MANIFESTS]


def test_every_image_has_the_release_as_its_tag() -> None:
    assert {container["image"] for container in containers()} == {f"mainstay-server:{__version__}"}
    [image] = load("kustomization.yaml")["images"]
    assert (image["name"], image["newTag"]) == ("mainstay-server", __version__)


def test_probes_ask_rows_that_anybody_may_ask_on_the_port_that_is_listened_on() -> None:
    public = {row.path for row in TABLE if row.permission.action.value == "public"}
    [container] = load("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    probes = [container[kind]["httpGet"] for kind in ("startupProbe", "livenessProbe")]
    ready = container["readinessProbe"]["httpGet"]
    assert {probe["path"] for probe in probes} == {"/livez"} <= public
    assert ready["path"] == "/readyz" in public
    [port] = container["ports"]
    assert {probe["port"] for probe in (*probes, ready)} == {port["name"]}
    [service] = load("service.yaml")["spec"]["ports"]
    assert service["targetPort"] == port["name"]
    assert str(port["containerPort"]) in container["args"]


def test_the_options_of_the_server_exist() -> None:
    [container] = load("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    command, *options = container["args"]
    shown = CliRunner().invoke(cli, [command, "--help"]).output
    assert [o for o in options if o.startswith("-") and o not in shown] == []


def test_variables_are_settings_or_those_of_the_object_store() -> None:
    known = {name for setting in settings.all_settings() for name in setting.variables}
    named = set(load("config.yaml")["data"])
    assert {name for name in named if not name.startswith("AWS_")} <= known
    assert "MAINSTAY_BACKEND_STORE_URI" in known


def test_no_secret_stands_in_a_manifest() -> None:
    assert all("kind: Secret" not in path.read_text() for path in MANIFESTS)
    assert all("env" not in container for container in containers())
    [prepare] = load("migrate.yaml")["spec"]["template"]["spec"]["containers"]
    named = [one["secretRef"]["name"] for one in prepare["envFrom"] if "secretRef" in one]
    assert named == ["mainstay", "mainstay-admin"]


def test_no_pod_is_root_or_can_become_it() -> None:
    assert [pod["securityContext"]["runAsNonRoot"] for pod in pods()] == [True, True]
    for container in containers():
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_a_pod_has_time_to_finish_what_it_holds() -> None:
    pod = load("deployment.yaml")["spec"]["template"]["spec"]
    pause = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > DRAIN_SECONDS + pause


def test_one_of_two_servers_is_always_there() -> None:
    deployment = load("deployment.yaml")["spec"]
    budget = load("disruption.yaml")["spec"]
    assert deployment["replicas"] >= 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert budget["minAvailable"] >= 1
    labels = deployment["template"]["metadata"]["labels"]
    assert deployment["selector"]["matchLabels"] == labels
    assert budget["selector"]["matchLabels"] == labels
    assert load("service.yaml")["spec"]["selector"] == labels
    # Else the Service would send requests to the job.
    assert load("migrate.yaml")["spec"]["template"]["metadata"]["labels"] != labels


def test_kubernetes_puts_no_variables_of_its_own_among_ours() -> None:
    assert [pod["enableServiceLinks"] for pod in pods()] == [False, False]
