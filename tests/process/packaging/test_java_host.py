"""A Java host that Maven builds from the artifacts scores beside the host's own jackson-databind."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.process
_TIMEOUT_S = 240
_VERSION = "0.1.0"
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
  <dependencies>
    {engine}
    <dependency>
      <groupId>com.fasterxml.jackson.core</groupId>
      <artifactId>jackson-databind</artifactId>
      <version>2.22.2</version>
    </dependency>
  </dependencies>
</project>
"""

_ENGINE = """
    <dependency>
      <groupId>org.pillion</groupId>
      <artifactId>{module}</artifactId>
      <version>{version}</version>
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


@pytest.fixture(scope="module")
def repository(root: Path, jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Maven repository with the artifacts that `make build` has made beside the jar."""
    folder = tmp_path_factory.mktemp("repository")
    for pom in (root / "jvm-sidecar/pom.xml", *(root / "jvm-sidecar").glob("*/pom.xml")):
        name = pom.parent.name
        artifact = folder / "org/pillion" / name / _VERSION / f"{name}-{_VERSION}"
        artifact.parent.mkdir(parents=True)
        shutil.copy(pom, f"{artifact}.pom")
        for built in pom.parent.glob(f"target/{artifact.name}.jar"):
            shutil.copy(built, artifact.parent)
    return folder


def outputs(
    root: Path, repository: Path, host: Path, modules: list[str], model: Path, engine: str, row: str
) -> dict[str, float]:
    """What a host scores that depends on an engine's modules and on jackson-databind."""
    sources = host / "src/main/java"
    sources.mkdir(parents=True)
    (sources / "Host.java").write_text(_HOST)
    dependencies = "".join(_ENGINE.format(module=module, version=_VERSION) for module in modules)
    (host / "pom.xml").write_text(_POM.format(engine=dependencies))
    # What Maven downloads stays in the user's repository; the artifacts are found in this one, and stay out of that.
    maven = (root / "jvm-sidecar/mvnw", "-q", "-B", f"-Dmaven.repo.local.tail={repository}", "-f", host)
    run(*maven, "compile", _CLASS_PATH, "-Dmdep.outputFile=class-path.txt")
    class_path = (host / "class-path.txt").read_text()
    assert str(repository) in class_path
    scored: dict[str, float] = json.loads(
        run("java", "-cp", f"{host}/target/classes:{class_path}", "Host", model, engine, given=row)
    )
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
