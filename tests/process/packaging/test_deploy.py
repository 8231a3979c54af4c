"""The files under deploy/, read as far as they can be read without the engines that run them."""

import re
import shlex
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from pillion.config import JVM_OPTIONS


@pytest.mark.parametrize("name", ["pillion-sidecar", "pillion-shim"])
def test_a_unit_is_one_that_systemd_reads(root: Path, variables: set[str], tmp_path: Path, name: str) -> None:
    unit = root / f"deploy/systemd/{name}.service"
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
    if name == "pillion-sidecar":
        assert tuple(shlex.split(service["ExecStart"])[1:-2]) == JVM_OPTIONS
        assert service["RuntimeDirectoryMode"] == "0700"
    assert int(service["TimeoutStopSec"]) > 5
    assert shlex.split(service["ExecStart"])[0].startswith("/")
    if tool := shutil.which("systemd-analyze"):
        # What is not installed here is no mistake of the file.
        for file in unit.parent.iterdir():
            text = re.sub("^ExecStart=.*$", "ExecStart=/bin/true", file.read_text(), flags=re.MULTILINE)
            (tmp_path / file.name).write_text(text)
        command = [tool, "verify", str(tmp_path / unit.name)]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert "Unknown" not in said.stderr
        assert "Failed to parse" not in said.stderr


def test_the_shim_asks_where_the_sidecar_listens(root: Path) -> None:
    units = [(root / f"deploy/systemd/pillion-{name}.service").read_text() for name in ("sidecar", "shim")]
    sidecar, shim = (dict(re.findall(r"^Environment=(\w+)=(.*)$", unit, re.MULTILINE)) for unit in units)

    assert shim["PILLION_SIDECAR_ADDRESS"] == f"unix:{sidecar['PILLION_SIDECAR_UDS']}"
    assert shim["PILLION_SIDECAR_MODELS"] == sidecar["PILLION_SIDECAR_MODELS"]


@pytest.mark.parametrize("name", ["Dockerfile", "shim.Dockerfile", "host-go.Dockerfile", "host-java.Dockerfile"])
def test_a_dockerfile_has_known_instructions_in_order(root: Path, variables: set[str], name: str) -> None:
    text = re.sub(r"\\\n\s*", " ", (root / "deploy/docker" / name).read_text())
    lines = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    names = [name for name, _, _ in lines]
    arguments = {name: value for name, _, value in lines}

    assert set(names) <= {"FROM", "RUN", "COPY", "ENV", "USER", "EXPOSE", "VOLUME", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
    assert names[0] == "FROM"
    assert ":" in arguments["FROM"]
    assert "latest" not in arguments["FROM"]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert arguments["USER"] == "10001:10001"
    assert {pair.split("=")[0] for pair in shlex.split(arguments["ENV"])} <= variables
    command = yaml.safe_load(arguments["ENTRYPOINT"])
    if name == "Dockerfile":
        assert command[0] == "java"
        assert tuple(command[1:-2]) == JVM_OPTIONS
        assert command[-1] == arguments["COPY"].split()[1]
        assert yaml.safe_load(arguments["VOLUME"]) == ["/models", "/var/lib/pillion"]
    elif name == "host-go.Dockerfile":
        assert arguments["COPY"].split()[0] in (root / "make/go.mk").read_text()
        assert command == [arguments["COPY"].split()[1]]
    elif name == "host-java.Dockerfile":
        jar = arguments["COPY"].split()[0]
        assert jar == f"pillion-example-host-{version('pillion')}.jar"
        assert f"{arguments['COPY'].split()[1]}{jar}:/opt/pillion/lib/*" in command
        assert command[-1] == "org.pillion.example.ExampleHost"
    else:
        wheel = Path(arguments["COPY"].split()[0]).name
        assert wheel == f"pillion-{version('pillion')}-py3-none-any.whl"
        assert wheel in text.split("pip install")[1]
        assert command == ["pillion", "serve"]
