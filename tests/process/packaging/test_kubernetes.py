"""The manifests under deploy/kubernetes: valid by Kubernetes' own schemas, and whole in themselves."""

from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tools.checkout import ROOT
from tools.fuzz.memory import HEAP

FILES = sorted(path.name for path in (ROOT / "deploy/kubernetes").iterdir())
VERSIONS = ("1.29", kubernetes_validate.latest_version())
"""The oldest that is supported, the first where containers may start before others and stay, and the newest."""


def documents(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((ROOT / "deploy/kubernetes" / file).read_text()))


def of_kind(file: str, kind: str) -> list[dict[str, Any]]:
    return [document for document in documents(file) if document["kind"] == kind]


def pods() -> Iterator[Any]:
    for file in FILES:
        for deployment in of_kind(file, "Deployment"):
            yield pytest.param(file, deployment, id=f"{file}: {deployment['metadata']['name']}")


def containers(deployment: dict[str, Any]) -> list[dict[str, Any]]:
    pod = deployment["spec"]["template"]["spec"]
    return [*pod.get("initContainers", []), *pod["containers"]]


def ports(deployment: dict[str, Any]) -> set[str]:
    return {port["name"] for container in containers(deployment) for port in container.get("ports", [])}


def test_there_is_a_form_beside_a_host_one_with_each_of_ours_and_one_of_its_own() -> None:
    assert FILES == ["host-go.yaml", "host-java.yaml", "shim.yaml", "sidecar.yaml", "standalone.yaml"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", FILES)
def test_a_manifest_is_valid(file: str, version: str) -> None:
    for document in documents(file):
        kubernetes_validate.validate(document, version, strict=True)


def test_a_manifest_that_is_not_valid_is_noticed() -> None:
    (deployment,) = of_kind("sidecar.yaml", "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}

    with pytest.raises(kubernetes_validate.ValidationError, match="readinesProbe"):
        kubernetes_validate.validate(deployment, VERSIONS[-1], strict=True)


@pytest.mark.parametrize(("file", "deployment"), list(pods()))
class TestPods:
    def test_what_is_named_is_there(self, file: str, deployment: dict[str, Any], variables: set[str]) -> None:
        template = deployment["spec"]["template"]
        volumes = {volume["name"] for volume in template["spec"]["volumes"]}
        secrets = {secret["metadata"]["name"]: secret["stringData"] for secret in of_kind(file, "Secret")}

        assert deployment["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        for container in containers(deployment):
            mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
            assert mounts.keys() <= volumes
            for entry in container.get("env", []):
                assert entry["name"] in variables
                if "valueFrom" in entry:
                    reference = entry["valueFrom"]["secretKeyRef"]
                    assert reference["key"] in secrets[reference["name"]]
                elif (path := entry["value"].removeprefix("unix:")).startswith("/"):
                    assert any(path.startswith(mount) for mount in mounts.values()), entry

    def test_probes_ask_routes_that_exist(self, file: str, deployment: dict[str, Any]) -> None:
        for container in containers(deployment):
            if "ports" not in container:
                continue  # A host that is not ours.
            own = {port["name"] for port in container["ports"]}
            names = {entry["name"] for entry in container["env"]}
            host = "PILLION_SHIM_HOST" in names
            live, ready = ("/healthz", "/readyz") if host else ("/v2/health/live", "/v2/health/ready")
            for probe, path in (("startupProbe", live), ("readinessProbe", ready), ("livenessProbe", live)):
                if probe == "readinessProbe" and container.get("restartPolicy") == "Always":
                    # A host is ready without its sidecar, from which it falls back.
                    assert probe not in container
                    continue
                asked = container[probe]["httpGet"]
                assert (asked["path"], asked["port"] in own) == (path, True)
                assert asked.get("scheme") == ("HTTPS" if "PILLION_SIDECAR_TLS_CERT" in names else None)

    def test_it_runs_with_little(self, file: str, deployment: dict[str, Any]) -> None:
        pod = deployment["spec"]["template"]["spec"]

        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["terminationGracePeriodSeconds"] > 10
        for container in containers(deployment):
            if "ports" in container:
                assert container["securityContext"] == {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                }
                assert container["resources"]["limits"].keys() == {"memory"}
                assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            if container["name"] == "pillion":
                # The image's JVM takes 60 % of it, which is the heap that `make fuzz-memory` runs with.
                assert container["resources"]["limits"]["memory"] == "1Gi"
                assert f"{int(0.6 * 1024)}m" == HEAP

    def test_what_points_at_it_finds_it(self, file: str, deployment: dict[str, Any]) -> None:
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        for service in of_kind(file, "Service"):
            assert service["spec"]["selector"].items() <= labels.items()
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports(deployment)
        for budget in of_kind(file, "PodDisruptionBudget"):
            assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
            # One that no pod may leave would stop every drain of a node.
            assert budget["spec"]["maxUnavailable"] == 1
        for scaler in of_kind(file, "HorizontalPodAutoscaler"):
            assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
            assert "replicas" not in deployment["spec"]
            assert 1 < scaler["spec"]["minReplicas"] < scaler["spec"]["maxReplicas"]
        for policy in of_kind(file, "NetworkPolicy"):
            assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
            assert {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]} <= ports(deployment)


@pytest.mark.parametrize("file", [file for file in FILES if file != "standalone.yaml"])
def test_a_host_asks_where_the_sidecar_in_its_pod_listens(file: str) -> None:
    (deployment,) = of_kind(file, "Deployment")
    found = {entry["name"]: entry.get("value") for each in containers(deployment) for entry in each.get("env", [])}
    assert found["PILLION_SIDECAR_ADDRESS"] == f"unix:{found['PILLION_SIDECAR_UDS']}"


def test_the_form_of_its_own_has_what_a_service_needs() -> None:
    kinds = {document["kind"] for document in documents("standalone.yaml")}

    assert kinds >= {"Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy"}
    (deployment,) = of_kind("standalone.yaml", "Deployment")
    (container,) = containers(deployment)
    # A server that is told to end closes new connections at once, so that it is told after the Service has left it.
    assert container["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "5"]
