"""The images of `deploy/docker`, built, and run as `deploy/kubernetes` says: a host and the sidecar in one pod.

The images that they are built from are in a registry of images, which is not asked: Debian's packages stand in for
them, under their names. A container is a process with the image as its root, read-only, and the mounts, the user and
the variables of its manifest, less the kernel's namespaces and limits.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from pillion import __version__
from pillion.config import StoreSettings
from pillion.features.store_process import StoreProcess
from pillion.process import ListeningProcess
from tests.hosts.host import PATIENT
from tests.hosts.stack import fill_store
from tools.checkout import ROOT
from tools.go import NoTools, find_go

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]
_TIMEOUT_S = 600
_READY_S = 120.0
_PACKAGES = "openjdk-17-jre-headless,python3,python3-pip,ca-certificates"
_TOOLS = ("buildah", "mmdebstrap", "unshare")
_DOCKER = ROOT / "deploy/docker"
_USER = 10_001


@dataclass(frozen=True)
class Recipe:
    """How an image is made: its file, the folder that it copies from, and what `make` has to write there before."""

    file: str
    context: str
    target: str | None = None


RECIPES = {
    "pillion-sidecar": Recipe("Dockerfile", "jvm-sidecar/server/target"),
    "pillion-shim": Recipe("shim.Dockerfile", ".", "wheel"),
    "pillion-host-go": Recipe("host-go.Dockerfile", ".", "go-host"),
    "pillion-host-java": Recipe("host-java.Dockerfile", "hosts/java/example-host/target", "java-host"),
}
FORMS = {"host-go.yaml": "pillion-host-go", "host-java.yaml": "pillion-host-java", "shim.yaml": "pillion-shim"}

_CONTAINER = """
root=$1 user=$2; shift 2
mount --bind "$root" "$root"
for folder in proc dev; do mount --rbind "/$folder" "$root/$folder"; done
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" "$root" "$@" < /dev/null
"""
"""Runs a program with an image as its root: the root, the user, pairs of what is mounted where, `--`, the program."""


class Images:
    """Images in a folder of their own, and what is run of them."""

    def __init__(self, folder: Path, driver: str) -> None:
        self._storage = ("--root", folder / "root", "--runroot", folder / "run", "--storage-driver", driver)

    def buildah(self, *arguments: str | Path) -> str:
        """Runs buildah; returns what it prints."""
        return run("buildah", *self._storage, *arguments)

    def add(self, names: list[str], archive: Path) -> None:
        """Makes an image of an archive of files, under several names, and runs a program in it."""
        container = self.buildah("from", "scratch").strip()
        self.buildah("add", container, archive, "/")
        self.buildah("config", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
        # Debian's pip leaves Debian's folders alone otherwise; that of the image stood in for knows no such rule.
        self.buildah("config", "--env", "PIP_BREAK_SYSTEM_PACKAGES=1", container)
        self.buildah("run", "--isolation", "chroot", container, "--", "true")
        self.buildah("commit", "--rm", container, names[0])
        self.buildah("tag", *names)

    def build(self, name: str) -> None:
        """Builds an image from what its recipe names."""
        recipe = RECIPES[name]
        if recipe.target is not None:
            run("make", recipe.target)
        certificates = "/etc/ssl/certs:/etc/ssl/certs:ro"
        self.buildah(
            "bud", "--isolation", "chroot", "--pull-never", "--format", "docker", "--volume", certificates,
            "--tag", name, "--file", _DOCKER / recipe.file, ROOT / recipe.context,
        )  # fmt: skip

    def container(
        self, name: str, mounts: Mapping[str, Path], environment: Mapping[str, str], arguments: list[str]
    ) -> list[str]:
        """Returns the command that runs an image's program."""
        container = self.buildah("from", "--pull-never", name).strip()
        root = Path(self.buildah("mount", container).strip())
        for point in mounts:
            (root / point.lstrip("/")).mkdir(parents=True, exist_ok=True)
        said = json.loads(self.buildah("inspect", container))["Docker"]["config"]
        variables = dict(pair.split("=", 1) for pair in said["Env"]) | dict(environment)
        pairs = [str(part) for point, source in mounts.items() for part in (source, point)]
        program = [*said["Entrypoint"], *(arguments or said["Cmd"] or [])]
        told = ["env", "-i", *(f"{key}={value}" for key, value in variables.items())]
        shell = ["unshare", "--mount", "sh", "-euc", _CONTAINER, "sh"]
        return [*shell, str(root), said["User"], *pairs, "--", *told, *program]


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    """The stand-ins for the images that ours are built from."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None] + ["root"] * (os.geteuid() != 0)
    if missing:
        lacking = " and no ".join(missing)
        pytest.skip(f"there is no {lacking} here (apt-get install buildah mmdebstrap): no image was built")
    archive = ROOT / "build/images/debian.tar"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        made = archive.with_name("part.tar")
        done = subprocess.run(
            ["mmdebstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(made)],
            capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            pytest.skip(f"Debian's packages make no root here, so no image was built: {done.stderr[-500:]}")
        made.rename(archive)
    bases = {re.findall("^FROM (.+)$", file.read_text(), re.MULTILINE)[0] for file in _DOCKER.iterdir()}
    faults = []
    for driver in ("overlay", "vfs"):
        images = Images(tmp_path_factory.mktemp(driver), driver)
        try:
            images.add(sorted(bases), archive)
        except AssertionError as error:
            faults.append(f"{driver}: {str(error)[-200:]}")
            continue
        yield images
        for command in (("umount", "--all"), ("rm", "--all"), ("rmi", "--all", "--force")):
            images.buildah(*command)
        return
    pytest.skip(f"buildah runs nothing here, so no image was built: {'; '.join(faults)}")


@pytest.fixture
def store() -> Iterator[str]:
    """The URL of a store with the demo's features."""
    with StoreProcess() as process:
        assert process.url is not None
        asyncio.run(fill_store(StoreSettings(url=process.url), "demo"))
        yield process.url


@pytest.fixture
def volumes(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """The folders that the manifests' volumes name, as the pods' user may use them."""
    # A path short enough for a socket, however long pytest's own are.
    with tempfile.TemporaryDirectory(prefix="pillion-") as run_folder:
        folders = {"run": Path(run_folder), "models": tmp_path / "models"}
        shutil.copytree(ROOT / "pmml-models", folders["models"])
        for name in ("tmp", "state"):
            folders[name] = tmp_path / name
            folders[name].mkdir()
        for name in ("run", "tmp", "state"):
            os.chown(folders[name], _USER, _USER)
        yield folders


def start(
    images: Images, container: dict[str, Any], volumes: dict[str, Path], changed: Mapping[str, str], listener: str
) -> ListeningProcess:
    """Returns a manifest's container, not started yet."""
    image = container["image"].removeprefix("example/").removesuffix(f":{__version__}")
    environment = {entry["name"]: entry.get("value", "") for entry in container["env"]}
    mounts = {mount["mountPath"]: volumes[mount["name"]] for mount in container["volumeMounts"]}
    command = images.container(image, mounts, {**environment, **changed}, container.get("args", []))
    return ListeningProcess(container["name"], command, listener, _READY_S)


def first_from_the_model(client: httpx.Client, asked: dict[str, Any]) -> dict[str, Any]:
    """Asks until the model answers, as it does once the sidecar has the items in memory."""
    end = time.monotonic() + _READY_S
    while True:
        answer: dict[str, Any] = client.post("/v1/recommendations", json=asked).json()
        if answer["source"] == "online":
            return answer
        assert time.monotonic() < end, answer
        time.sleep(0.2)


def ends(process: ListeningProcess) -> int:
    """Tells a container to end, as Kubernetes does; returns its exit code."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGTERM)
    return process.wait()


@pytest.mark.parametrize("form", FORMS)
def test_a_pod_of_built_images_answers_from_the_model_and_ends_when_it_is_told(
    images: Images, jar: Path, store: str, volumes: dict[str, Path], form: str
) -> None:
    if form == "host-go.yaml":
        try:
            find_go()
        except NoTools as error:
            pytest.skip(str(error))
    documents = yaml.safe_load_all((ROOT / "deploy/kubernetes" / form).read_text())
    pod = next(each for each in documents if each["kind"] == "Deployment")["spec"]["template"]["spec"]
    (sidecar,), (host,) = pod["initContainers"], pod["containers"]
    for name in ("pillion-sidecar", FORMS[form]):
        images.build(name)
    asked = {"user_id": 15, "k": 3, "context": {"device": "tv", "hour": 21, "weekday": 5}}
    # Pods have ports of their own, and this machine may be busy.
    ports = {"PILLION_SIDECAR_HTTP": "127.0.0.1:0", "PILLION_SIDECAR_GRPC": "127.0.0.1:0"}
    listener = "shim" if form == "shim.yaml" else "host"

    with (
        start(images, sidecar, volumes, {**ports, "PILLION_STORE_URL": store}, "sidecar-http") as beside,
        start(images, host, volumes, {**PATIENT, "PILLION_STORE_URL": store}, listener) as served,
    ):
        address = served.address_of(listener).replace("0.0.0.0", "127.0.0.1")
        with httpx.Client(base_url=address, timeout=_READY_S, trust_env=False) as client:
            live, ready = (host[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe"))
            assert client.get(live).status_code == 200
            answer = first_from_the_model(client, asked)
            assert client.get(ready).status_code == 200
        assert (answer["model"], answer["version"], len(answer["items"])) == ("ranker", 1, 3)
        assert (ends(served), ends(beside)) == (0, 0)
