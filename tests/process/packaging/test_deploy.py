"""The files under deploy/, read as far as they can be read without the engines that run them."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from pillion.config import JVM_OPTIONS
from tools.fuzz.memory import HEAP

PREFIX = "PILLION_SIDECAR_"


@pytest.fixture(scope="module")
def variables(root: Path) -> set[str]:
    """The variables that the sidecar's options can be set by."""
    source = (root / "jvm-sidecar/server/src/main/java/org/pillion/server/Options.java").read_text()
    names = re.findall(r'names = "--([a-z0-9-]+)"', source)
    assert len(names) > 10
    return {PREFIX + name.replace("-", "_").upper() for name in names} | {f"{PREFIX}ADMIN_TOKEN"}


def test_the_unit_is_one_that_systemd_reads(root: Path, variables: set[str], tmp_path: Path) -> None:
    unit = root / "deploy/systemd/pillion-sidecar.service"
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in unit.read_text().splitlines():
        if line and not line.startswith("#"):
            if line.startswith("["):
                assert line in ("[Unit]", "[Service]", "[Install]")
                section = sections.setdefault(line, [])
            else:
                key, equals, value = line.partition("=")
                assert re.fullmatch("[A-Z][A-Za-z]+", key), line
                assert equals, line
                section.append((key, value))
    service = dict(sections["[Service]"])
    set_variables = {value.split("=")[0] for key, value in sections["[Service]"] if key == "Environment"}

    assert set_variables <= variables
    assert tuple(shlex.split(service["ExecStart"])[1:-2]) == JVM_OPTIONS
    assert service["RuntimeDirectoryMode"] == "0700"
    assert int(service["TimeoutStopSec"]) > 5
    assert shlex.split(service["ExecStart"])[0].startswith("/")
    if tool := shutil.which("systemd-analyze"):
        # What is not installed here is no mistake of the file.
        copy = tmp_path / unit.name
        copy.write_text(re.sub("^ExecStart=.*$", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE))
        said = subprocess.run([tool, "verify", copy], capture_output=True, text=True, timeout=60, check=False)
        assert "Unknown" not in said.stderr
        assert "Failed to parse" not in said.stderr


def test_the_pod_mounts_what_it_names_and_runs_with_little(root: Path, variables: set[str]) -> None:
    documents = list(yaml.safe_load_all((root / "deploy/kubernetes/sidecar.yaml").read_text()))
    secret, deployment = documents
    template = deployment["spec"]["template"]
    pod = template["spec"]
    (sidecar,) = [container for container in pod["containers"] if container["name"] == "pillion"]
    volumes = {volume["name"] for volume in pod["volumes"]}

    assert deployment["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    for container in pod["containers"]:
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
    assert {entry["name"] for entry in sidecar["env"]} <= variables
    (token,) = [entry for entry in sidecar["env"] if entry["name"].endswith("ADMIN_TOKEN")]
    reference = token["valueFrom"]["secretKeyRef"]
    assert reference["name"] == secret["metadata"]["name"]
    assert reference["key"] in secret["stringData"]
    ports = {port["name"] for port in sidecar["ports"]}
    for probe, path in [("startupProbe", "live"), ("readinessProbe", "ready"), ("livenessProbe", "live")]:
        assert sidecar[probe]["httpGet"]["path"] == f"/v2/health/{path}"
        assert sidecar[probe]["httpGet"]["port"] in ports
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert sidecar["securityContext"]["readOnlyRootFilesystem"] is True
    assert sidecar["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["terminationGracePeriodSeconds"] > 5
    # The image's JVM takes 60 % of it, which is the heap that `make fuzz-memory` runs with.
    assert sidecar["resources"]["limits"]["memory"] == "1Gi"
    assert f"{int(0.6 * 1024)}m" == HEAP
    values = {entry["name"]: entry.get("value", "") for entry in sidecar["env"]}
    mounts = [mount["mountPath"] for mount in sidecar["volumeMounts"]]
    for name in ("MODELS", "STATE", "UDS"):
        assert any(values[PREFIX + name].startswith(mount) for mount in mounts)


def test_the_dockerfile_has_known_instructions_in_order(root: Path, variables: set[str]) -> None:
    text = re.sub(r"\\\n\s*", " ", (root / "deploy/docker/Dockerfile").read_text())
    lines = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    names = [name for name, _, _ in lines]
    arguments = {name: value for name, _, value in lines}

    assert set(names) <= {"FROM", "RUN", "COPY", "ENV", "USER", "EXPOSE", "VOLUME", "STOPSIGNAL", "ENTRYPOINT"}
    assert names[0] == "FROM"
    assert ":" in arguments["FROM"]
    assert "latest" not in arguments["FROM"]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert arguments["USER"] == "10001:10001"
    assert {pair.split("=")[0] for pair in shlex.split(arguments["ENV"])} <= variables
    command = yaml.safe_load(arguments["ENTRYPOINT"])
    assert command[0] == "java"
    assert tuple(command[1:-2]) == JVM_OPTIONS
    assert command[-1] == arguments["COPY"].split()[1]
    assert yaml.safe_load(arguments["VOLUME"]) == ["/models", "/var/lib/pillion"]
