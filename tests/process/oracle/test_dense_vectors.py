"""The experiment of docs/adr/0009-dense-vectors.md: Spark's own BLAS in small JVMs, against the engine's orders.

Each JVM here calls the netlib library that Spark ships, with the options that Spark's launcher and Pillion's sessions
give it, thousands of times, so that the JIT has compiled it at the end. No Spark session is needed.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark
import pytest

from pillion.export.session import JAVA_OPTIONS

SOURCE = Path(__file__).with_name("DenseVectors.java")
MODULE = "--add-modules=jdk.incubator.vector"
NO_NATIVE = "-Ddev.ludovic.netlib.blas.allowNative=false"
JDKS = (17, 25)
ROUNDS = 200
OPERATIONS = ("ddot", "dgemv-n", "dgemv-t", "dgemm")


@dataclass(frozen=True, slots=True)
class Tally:
    """An operation's results.

    Attributes:
        results: how many there were.
        engine: those with the bits of the engine.
        tree: those with the bits of a sum of the lanes as a tree.
        neither: the others.
        unsteady: cases whose result changed within the JVM's life.
    """

    results: int
    engine: int
    tree: int
    neither: int
    unsteady: int


def _version(java: Path) -> int | None:
    told = subprocess.run([java, "-XshowSettings:properties", "-version"], capture_output=True, text=True, timeout=60)
    for line in told.stderr.splitlines():
        if "java.specification.version" in line:
            return int(line.split("=")[1].strip().removeprefix("1."))
    return None


@pytest.fixture(scope="module")
def javas() -> Mapping[int, Path]:
    """The JVMs of this machine by version: the one on PATH, JAVA_HOME's, and what is installed under /usr/lib/jvm."""
    home, path = os.environ.get("JAVA_HOME"), shutil.which("java")
    found = [Path(path)] if path else []
    found += [Path(home) / "bin" / "java"] if home else []
    found += sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    versions: dict[int, Path] = {}
    for java in dict.fromkeys(candidate.resolve() for candidate in found if candidate.exists()):
        version = _version(java)
        if version is not None:
            versions.setdefault(version, java)
    return versions


@pytest.fixture(scope="module")
def class_path(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path of the experiment: Spark's BLAS, the engine, and the compiled experiment."""
    blas = next((Path(pyspark.__file__).parent / "jars").glob("blas-*.jar"))
    classes = tmp_path_factory.mktemp("dense-vectors")
    before = os.pathsep.join([str(blas), str(jar)])
    javac = shutil.which("javac")
    assert javac is not None, "javac is not on PATH"
    subprocess.run(
        [javac, "-encoding", "UTF-8", "--release", "17", "-cp", before, "-d", classes, SOURCE], check=True, timeout=120
    )
    return os.pathsep.join([before, str(classes)])


@dataclass(frozen=True, slots=True)
class _Report:
    blas: str
    lanes: int
    tallies: Mapping[str, Tally]

    def require_lanes(self, lanes: int) -> None:
        assert self.blas == "VectorBLAS"
        if self.lanes != lanes:
            pytest.skip(f"this CPU has registers of {self.lanes} doubles, not {lanes}")

    def require_engine_bits(self) -> None:
        for operation, tally in self.tallies.items():
            assert (tally.engine, tally.unsteady) == (tally.results, 0), (operation, tally)


def _run(javas: Mapping[int, Path], version: int, class_path: str, *options: str, rounds: int = ROUNDS) -> _Report:
    if version not in javas:
        pytest.skip(f"no JDK {version} on this machine, only {sorted(javas)}")
    command: list[str | Path] = [javas[version], *options, "-cp", class_path, "DenseVectors", str(rounds)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    lines = [line.split() for line in told.stdout.splitlines() if not line.startswith("WARNING")]
    tallies = {line[0]: Tally(*map(int, line[1:])) for line in lines[1:]}
    assert tuple(tallies) == OPERATIONS
    return _Report(lines[0][0], int(lines[0][1]), tallies)


@pytest.mark.parametrize("version", JDKS)
def test_the_options_of_our_sessions_give_two_lanes_and_the_engines_bits(
    javas: Any, class_path: Any, version: Any
) -> None:
    report = _run(javas, version, class_path, MODULE, *JAVA_OPTIONS.split())
    assert (report.blas, report.lanes) == ("VectorBLAS", 2)
    report.require_engine_bits()


@pytest.mark.parametrize("lanes", [1, 4, 8])
def test_on_jdk_17_other_widths_are_the_engines_too(javas: Any, class_path: Any, lanes: int) -> None:
    report = _run(javas, 17, class_path, MODULE, NO_NATIVE, f"-XX:MaxVectorSize={8 * lanes}")
    report.require_lanes(lanes)
    report.require_engine_bits()


@pytest.mark.parametrize("lanes", [4, 8])
def test_on_jdk_25_other_widths_are_the_engines_until_the_jit_adds_the_lanes_as_a_tree(
    javas: Any, class_path: Any, lanes: int
) -> None:
    width = f"-XX:MaxVectorSize={8 * lanes}"
    interpreted = _run(javas, 25, class_path, MODULE, NO_NATIVE, width, "-Xint", rounds=3)
    interpreted.require_lanes(lanes)
    interpreted.require_engine_bits()
    compiled = _run(javas, 25, class_path, MODULE, NO_NATIVE, width)
    assert compiled.tallies["ddot"].neither == 0, compiled.tallies
    for operation in ("dgemv-n", "dgemm"):
        assert compiled.tallies[operation].engine == compiled.tallies[operation].results, compiled.tallies


@pytest.mark.parametrize("version", JDKS)
def test_without_the_vector_module_the_bits_are_those_of_java11_blas(javas: Any, class_path: Any, version: Any) -> None:
    report = _run(javas, version, class_path, NO_NATIVE)
    assert report.blas == "Java11BLAS"
    report.require_engine_bits()


@pytest.mark.parametrize("version", JDKS)
def test_results_tell_one_width_from_another(javas: Any, class_path: Any, version: Any) -> None:
    """The experiment would notice a wrong order: two lanes and eight agree on few sums."""
    wide = _run(javas, version, class_path, MODULE, NO_NATIVE, "-XX:MaxVectorSize=64", "-Dlanes=2", rounds=1)
    assert wide.tallies["ddot"].engine < wide.tallies["ddot"].results / 2, wide.tallies
