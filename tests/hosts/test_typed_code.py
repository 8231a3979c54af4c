"""Generated types of the published models: they compile, and score Spark's rows to Spark's bits."""

import json
import math
import os
import re
import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pillion.codegen import TypedContract, generate_go, generate_java, read_contract
from pillion.codegen.contract import TYPES, TypedField
from pillion.config import SidecarSettings
from tests.conformance.sidecar import running
from tests.hosts.host import java_host
from tests.support.command import Command

pytestmark = pytest.mark.process
_TIMEOUT_S = 600
MODELS = ("ranker", "titles30")
_PACKAGE = "org.example.models"
_HOSTS = Path(__file__).parent / "typed"
_NAMES = (
    "class", "value", "values", "row", "rows", "columns", "error", "inputs", "text", "counts", "unseen", "type",
    "wait", "hash code", "a.b", "a_b", "*/", "\\u0022", 'a"b', "a\nb", "价格", "😀", "18-24", "at", "E",
    "T", "made", "scores", "", "add", "fit", "look", "set", "name", "ordinal", "predictions", "score", "put", "take",
)  # fmt: skip
_CLOSED = ("list", "Reader", "model", "Object", "long", "zone1", "look", "fit", "set", "row", "x" * 90)
_VOCABULARY = (
    "", "tv", "Tv", "TV", '"', "\n", "a\\", "☃", "😀", "new", "New", "text", "Text", "1-2", "*/", "<18", ">18",
)  # fmt: skip
_AWKWARD = TypedContract(
    "a model/*",
    2**62,
    "0" * 64,
    (
        *(TypedField(f"{name} {type_}", type_) for name in _NAMES for type_ in TYPES),
        *(TypedField(name, "double") for name in _NAMES if name not in _CLOSED),
        *(TypedField(name, "string", _VOCABULARY) for name in _CLOSED),
    ),
    tuple(TypedField(name, type_) for name, type_ in zip(_NAMES, TYPES * 9, strict=False)),
)
_BARE = TypedContract("bare", 1, "0" * 64, (TypedField("x", "double"),), (TypedField("y", "string"),))


@pytest.fixture(scope="module")
def javac() -> str:
    return shutil.which("javac") or pytest.skip("there is no javac on this machine: generated Java was not compiled")


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "verification.jsonl").read_text(encoding="utf-8").splitlines()]


def unseen(contract: TypedContract, rows: list[dict[str, Any]]) -> dict[str, int]:
    """How many texts are not in the vocabulary of their input."""
    counts = {field.name: 0 for field in contract.inputs if field.values}
    for field in contract.inputs:
        if field.values:
            texts = Counter(row["input"].get(field.name) for row in rows)
            counts[field.name] = sum(n for text, n in texts.items() if text not in (None, *field.values))
    return counts


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**os.environ, "GOFLAGS": "-mod=mod"}, capture_output=True,
        text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def module(root: Path, tmp_path: Path) -> Path:
    """A Go module outside the repository, which takes Pillion's from the checkout."""
    hosts = root / "hosts/go"
    lines = (hosts / "go.mod").read_text().splitlines()[1:]
    take = f"require pillion.example/pillion v0.1.0\nreplace pillion.example/pillion => {hosts}"
    (tmp_path / "go.mod").write_text("\n".join(["module example.com/host", *lines, take, ""]))
    shutil.copy(hosts / "go.sum", tmp_path)
    return tmp_path


@pytest.mark.parametrize("model", MODELS)
def test_generated_go_scores_the_verification_set_to_sparks_bits(
    go: str, root: Path, jar: Path, module: Path, pillion: Command, model: str
) -> None:
    folder = root / "pmml-models" / model / "1"
    pillion("gen", "go", "--model", folder, "--output", module / "model", "--package", "model")
    shutil.copy(_HOSTS / "main.go", module)
    assert run(Path(go).with_name("gofmt"), "-l", ".", cwd=module) == ""
    run(go, "vet", "./...", cwd=module)

    contract, rows = read_contract(folder), rows_of(folder)
    outputs = [output.name for output in contract.outputs]
    settings = SidecarSettings(jar=jar, models=root / "pmml-models", start_timeout_s=180.0)
    with running(settings) as sidecar:
        said = json.loads(run(go, "run", ".", f"http://{sidecar.grpc}", folder, *outputs, cwd=module))

    assert (said["differing"], said["document"], said["ranked"]) == (0, contract.document, 1)
    assert said["values"] > len(rows) * (len(contract.outputs) - 2)
    assert said["unseen"] == unseen(contract, rows)
    assert (said["refused"], said["strict"], said["known"]) == (True, 1, True)


def test_a_wrong_name_of_a_feature_does_not_compile_in_go(go: str, root: Path, module: Path, pillion: Command) -> None:
    pillion("gen", "go", "--model", root / "pmml-models/ranker", "--output", module / "ranker")
    (module / "main.go").write_text(
        'package main\n\nimport "example.com/host/ranker"\n\n'
        "func main() { println(ranker.Row{Device: ranker.DeviceTv, UserRating: new(4.1)}.Device) }\n"
    )

    done = subprocess.run(
        [go, "build", "-mod=mod", "-o", os.devnull, "."], cwd=module, capture_output=True, text=True,
        timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    assert "unknown field UserRating" in done.stderr


@pytest.mark.parametrize("contract", [_AWKWARD, _BARE], ids=lambda contract: contract.model)
def test_go_of_any_names_compiles_and_is_formatted(go: str, module: Path, contract: TypedContract) -> None:
    for name, text in generate_go(contract, "model").items():
        (module / name).write_text(text, encoding="utf-8")

    assert run(Path(go).with_name("gofmt"), "-l", ".", cwd=module) == ""
    run(go, "vet", ".", cwd=module)


@pytest.mark.parametrize("contract", [_AWKWARD, _BARE], ids=lambda contract: contract.model)
def test_java_of_any_names_compiles(javac: str, root: Path, tmp_path: Path, contract: TypedContract) -> None:
    path = needed(root)
    for name, text in generate_java(contract, "models").items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
        options = ("--release", "17", "-encoding", "UTF-8", "-Xlint:all", "-Xdoclint:all,-missing", "-Werror")
        run(javac, *options, "-cp", path, "-d", "classes", name, cwd=tmp_path)


def needed(root: Path) -> str:
    """The class path that generated Java needs: the ranker's artifact and what it brings."""
    java_host("embedded")
    jars = root / "hosts/java/example-host/target/lib"
    return ":".join(str(jar) for name in ("pillion-ranker", "scoring-api") for jar in jars.glob(f"{name}-*.jar"))


def test_the_docs_example_of_typed_rows_compiles_in_go(go: str, root: Path, module: Path, pillion: Command) -> None:
    pillion("gen", "go", "--model", root / "pmml-models/ranker", "--output", module / "ranker")
    code = example(root / "docs/hosts-go.md", "go")
    (module / "main.go").write_text(
        'package main\n\nimport (\n"context"\n"example.com/host/ranker"\n"pillion.example/pillion"\n)\n\n'
        f"func score(ctx context.Context, client *pillion.Client, text string) (*float64, error) {{\n{code}"
        "return score, err\n}\n\nfunc main() { _ = score }\n"
    )

    run(go, "vet", ".", cwd=module)


def test_the_docs_example_of_typed_rows_compiles_in_java(
    javac: str, root: Path, tmp_path: Path, pillion: Command
) -> None:
    path = needed(root)
    pillion("gen", "java", "--model", root / "pmml-models/ranker", "--output", tmp_path, "--package", _PACKAGE)
    code = example(root / "docs/hosts-java.md", "java")
    (tmp_path / "Example.java").write_text(
        f"import java.util.List;\nimport {_PACKAGE}.RankerModel;\nimport org.pillion.ranker.*;\n"
        f"class Example {{ Double score(Ranker ranker, String text) {{\n{code}return score; }} }}\n"
    )

    run(javac, "-Werror", "-cp", path, "-sourcepath", tmp_path, "-d", "classes", "Example.java", cwd=tmp_path)


def example(page: Path, language: str) -> str:
    """The code of a page's section on typed rows."""
    section = page.read_text(encoding="utf-8").split("## Typed rows", 1)[1]
    code = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert code
    return code[1]


def camel(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+(.)?", lambda found: (found[1] or "").upper(), name)


@pytest.mark.parametrize("model", MODELS)
def test_generated_java_scores_the_verification_set_to_sparks_bits(
    javac: str, root: Path, tmp_path: Path, pillion: Command, model: str
) -> None:
    folder = root / "pmml-models" / model / "1"
    contract, rows = read_contract(folder), rows_of(folder)
    host = java_host("embedded")
    path = host[host.index("-cp") + 1]
    pillion("gen", "java", "--model", folder, "--output", tmp_path, "--package", _PACKAGE)
    class_ = f"{model.capitalize()}Model"
    generated = tmp_path / _PACKAGE.replace(".", "/") / f"{class_}.java"
    run(
        javac, "--release", "17", "-Xlint:all", "-Werror", "-cp", needed(root), "-d", "classes", generated, cwd=tmp_path
    )
    put = "\n".join(
        f"outputs.put({json.dumps(output.name)}, bits(row.{camel(output.name)}()));" for output in contract.outputs
    )
    host_text = (_HOSTS / "Host.java.txt").read_text().replace("MODEL_CLASS", class_).replace("// OUTPUTS", put)
    (tmp_path / "Host.java").write_text(host_text)
    run(javac, "--release", "17", "-cp", f"classes:{path}", "-d", "classes", "Host.java", cwd=tmp_path)
    inputs = tmp_path / "inputs.jsonl"
    types = {field.name: field.type for field in contract.inputs}
    inputs.write_text(
        "\n".join(json.dumps({n: plain(types[n], v) for n, v in row["input"].items()}) for row in rows),
        encoding="utf-8",
    )  # fmt: skip

    *scored, last = run(
        host[0], "-cp", f"classes:{path}", "Host", root / "pmml-models", inputs, cwd=tmp_path
    ).splitlines()

    expected = [
        {} if row["expected"].get("error") else {name: bits(value) for name, value in row["expected"].items()}
        for row in rows
    ]
    found = [json.loads(line) for line in scored]
    # Of what Spark does not give, such as PMML's own prediction, there is nothing to compare.
    assert [{name: got.get(name) for name in row} for got, row in zip(found, expected, strict=True)] == expected
    assert [bool(got) for got in found] == [bool(row) for row in expected]
    said = json.loads(last)
    assert said["unseen"] == unseen(contract, rows)
    assert (said["refused"], said["strict"], said["known"]) == (True, 1, True)
    assert (said["document"], said["ranked"]) == (contract.document, 1)


def test_a_wrong_name_of_a_feature_does_not_compile_in_java(
    javac: str, root: Path, tmp_path: Path, pillion: Command
) -> None:
    path = needed(root)
    pillion("gen", "java", "--model", root / "pmml-models/ranker", "--output", tmp_path, "--package", _PACKAGE)
    (tmp_path / "Wrong.java").write_text(
        "class Wrong { Object row = new org.example.models.RankerModel.Row().userRating(4.1); }\n"
    )

    done = subprocess.run(
        [javac, "-cp", path, "-sourcepath", str(tmp_path), "-d", "classes", "Wrong.java"], cwd=tmp_path,
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    assert "userRating" in done.stderr


def plain(type_: str, value: Any) -> Any:
    """A value as Jackson reads it into a map: a text of a number that is not finite becomes what no JSON has."""
    return float(value) if type_ in ("double", "float") and value is not None else value


def bits(value: Any) -> Any:
    """A double's bits in hexadecimal digits, one for all NaNs; another value as it is."""
    number = float(value) if isinstance(value, float) or value in ("NaN", "Infinity", "-Infinity") else None
    if number is None:
        return value
    return f"{struct.unpack('>Q', struct.pack('>d', math.nan if math.isnan(number) else number))[0]:x}"
