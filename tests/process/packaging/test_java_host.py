"""Projects outside the repository that Maven builds from what a release would publish."""

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.process
_TIMEOUT_S = 900
_CLASS_PATH = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath"

_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId>
  <artifactId>host</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencyManagement>
    <dependencies>
      <dependency>
        <groupId>org.pillion</groupId>
        <artifactId>pillion-bom</artifactId>
        <version>0.1.0</version>
        <type>pom</type>
        <scope>import</scope>
      </dependency>
    </dependencies>
  </dependencyManagement>
  <dependencies>{dependencies}
  </dependencies>
</project>
"""

_MODULE = """
    <dependency>
      <groupId>org.pillion</groupId>
      <artifactId>{module}</artifactId>
    </dependency>"""

_DATABIND = """
    <dependency>
      <groupId>com.fasterxml.jackson.core</groupId>
      <artifactId>jackson-databind</artifactId>
      <version>2.22.2</version>
    </dependency>"""

_HOST = """\
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.Engines;
import org.pillion.scoring.InputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.scoring.Scorer;

/** Scores the row of standard input with a document, and writes the outputs as JSON. */
public class Host {
  public static void main(String[] arguments) throws Exception {
    ObjectMapper json = new ObjectMapper();
    Map<?, ?> row = json.readValue(System.in, Map.class);
    byte[] pmml = Files.readAllBytes(Path.of(arguments[0]));
    try (Scorer scorer = Engines.installed().load(arguments[1], pmml)) {
      ColumnBatch.Builder batch = ColumnBatch.builder(scorer.contract(), 1);
      for (InputField field : scorer.contract().inputs()) {
        ColumnBuilder column = new ColumnBuilder(field.name(), field.type());
        column.addBoxed(row.get(field.name()));
        batch.add(field.name(), column.build());
      }
      ScoreResult result = scorer.score(batch.build());
      Map<String, Object> outputs = new LinkedHashMap<>();
      for (int i = 0; i < result.fields().size(); i++) {
        outputs.put(result.fields().get(i).name(), result.columns().get(i).value(0));
      }
      json.writeValue(System.out, outputs);
    }
  }
}
"""


def run(*command: str | Path, given: str = "") -> str:
    done = subprocess.run(
        [str(part) for part in command], input=given, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def class_path(root: Path, repository: Path, host: Path, dependencies: str, source: str) -> str:
    """Builds a project of one class, and returns its class path."""
    name = re.search(r"public class (\w+)", source)
    assert name
    sources = host / "src/main/java"
    sources.mkdir(parents=True)
    (sources / f"{name[1]}.java").write_text(source)
    (host / "pom.xml").write_text(_POM.format(dependencies=dependencies))
    # What Maven downloads stays in the user's repository; the artifacts are found in this one, and stay out of that.
    maven = (root / "jvm-sidecar/mvnw", "-q", "-B", f"-Dmaven.repo.local.tail={repository}", "-f", host)
    run(*maven, "compile", _CLASS_PATH, "-Dmdep.outputFile=class-path.txt")
    found = (host / "class-path.txt").read_text()
    assert str(repository) in found
    return f"{host}/target/classes:{found}"


def outputs(
    root: Path, repository: Path, host: Path, modules: list[str], model: Path, engine: str, row: str
) -> dict[str, float]:
    """What a host scores that depends on an engine's modules and on jackson-databind."""
    dependencies = _DATABIND + "".join(_MODULE.format(module=module) for module in modules)
    path = class_path(root, repository, host, dependencies, _HOST)
    scored: dict[str, float] = json.loads(run("java", "-cp", path, "Host", model, engine, given=row))
    return scored


def probabilities(outputs: dict[str, float]) -> dict[str, float]:
    """The outputs that Spark and PMML name alike."""
    found = {name: value for name, value in outputs.items() if name.startswith("probability(")}
    assert len(found) == 30
    return found


@pytest.mark.parametrize(
    ("modules", "engine", "difference"),
    [(["scoring-spark", "scoring-pmml"], "compiled", 0), (["scoring-jpmml"], "jpmml", 1e-13)],
)
def test_a_host_scores_beside_jackson_databind(
    root: Path, repository: Path, tmp_path: Path, modules: list[str], engine: str, difference: float
) -> None:
    model = root / "pmml-models/titles30/1/model.pmml"
    row = json.loads(model.with_name("verification.jsonl").read_text().splitlines()[0])

    scored = outputs(root, repository, tmp_path, modules, model, engine, json.dumps(row["input"]))

    assert probabilities(scored) == pytest.approx(probabilities(row["expected"]), rel=difference, abs=0)


def test_the_readmes_java_host_ranks_and_is_clear_of_the_agpl(root: Path, repository: Path, tmp_path: Path) -> None:
    text = (root / "README.md").read_text()
    coordinates = re.search(r"```xml\n(.*?)```", text, re.DOTALL)
    code = re.search(r"```java\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert coordinates
    assert code

    path = class_path(root, repository, tmp_path, coordinates[1], code[1])
    shown = subprocess.run(
        ["java", "-cp", path, "Embed"], cwd=root, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
    ).stdout

    assert shown == code[2]
    assert "jpmml" not in path


def test_each_artifact_has_what_a_release_needs(repository: Path) -> None:
    poms = [path for path in repository.rglob("*.pom") if "<packaging>pom" not in path.read_text()]
    assert {path.parent.parent.name for path in poms} >= {"pillion-embedded", "pillion-ranker", "model-registry"}
    for pom in poms:
        jar = pom.with_suffix(".jar")
        with zipfile.ZipFile(jar) as archive:
            names = set(archive.namelist())
            manifest = archive.read("META-INF/MANIFEST.MF").decode()
        assert {"META-INF/LICENSE", "META-INF/NOTICE"} <= names, jar
        assert "Automatic-Module-Name: org.pillion." in manifest, jar
        assert pom.with_name(f"{pom.stem}-sources.jar").is_file(), pom
        assert pom.with_name(f"{pom.stem}-javadoc.jar").is_file(), pom
