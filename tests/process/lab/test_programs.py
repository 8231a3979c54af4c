"""Each program on small models, against the bits that Spark recorded."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pillion.lab.builds import C_FLAGS, build_c, build_cgo, build_cython, build_go
from pillion.lab.lab_model import read_lab_model
from pillion.lab.languages import Way, language_ways
from pillion.lab.places import GO_HOST
from pillion.lab.program import Absent
from pillion.lab.results import Check
from pillion.lab.workspace import Workspace
from tools.checkout import JAR, ROOT

GOLDENS = ROOT / "tests/golden/data"
CASES = (
    "forest_classifier_categories",
    "forest_regressor",
    "gbt_classifier_categories",
    "gbt_regressor",
    "linear_regression_categories",
    "logistic",
    "multinomial_categories",
    "standard_scaler",
    "tree_classifier",
)
EXPONENTIAL = {"LOGISTIC", "SOFTMAX", "BOOSTED_LOGISTIC"}
ENGINES = {"Pillion, in a Java host", "Pillion, from Python"}
ALWAYS_EXACT = {"Java", *ENGINES}
"""Java's exponential is the one that Spark calls."""
_EACH_KIND = ("forest_classifier_categories", "gbt_regressor", "logistic", "multinomial_categories")
FEWER_CASES = {
    **dict.fromkeys(("Numba", "Cython", GO_HOST.name), _EACH_KIND),
    **dict.fromkeys(ENGINES, ("gbt_regressor", "multinomial_categories")),
}  # fmt: skip
"""They take long to be built or to start."""
OTHER_SUMS = {"plain Python", "NumPy", "Numba"}
"""They have no fused multiply-add, or add in an order of their own."""
_ELSEWHERE = ("JPMML's interpreter", "Spark, local", "scikit-learn", "XGBoost", "LightGBM")
WAYS = [*(way for way in language_ways() if way.name not in _ELSEWHERE), GO_HOST]


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Workspace]]:
    made = {}
    work = tmp_path_factory.mktemp("work")
    for case in CASES:
        home = tmp_path_factory.mktemp(case)
        shutil.copy(GOLDENS / case / "model.pmml", home)
        shutil.copy(GOLDENS / case / "rows.jsonl", home / "verification.jsonl")
        made[case] = Workspace(work / case, read_lab_model(home / "model.pmml", JAR), JAR)
    ranker = ROOT / "pmml-models/ranker/1/model.pmml"
    made["ranker"] = Workspace(work / "ranker", read_lab_model(ranker, JAR), JAR)
    yield made
    for workspace in made.values():
        workspace.close()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_every_program_gives_the_engines_numbers(way: Way, workspaces: dict[str, Workspace]) -> None:
    cases = FEWER_CASES.get(way.name, (*CASES, "ranker"))
    for case in cases:
        workspace = workspaces[case]
        model = workspace.model
        try:
            program = way.start(workspace)
        except Absent as why:
            pytest.skip(str(why))
        with program:
            way.prepare(workspace, model.rows)
            checked = program.check(model.rows)
            assert program.time(model.rows, 1) > 0
        assert (checked.compile_s > 0) is (way.name == "Numba")
        check = Check.of(checked.outputs, model.expected)
        if way.name in OTHER_SUMS:
            np.testing.assert_allclose(checked.outputs, model.expected, rtol=1e-9, atol=1e-12, err_msg=case)
        elif way.name in ALWAYS_EXACT or model.flat.model.rule.name not in EXPONENTIAL:
            assert check.exact, f"{case}: {check.sentence}"
        else:
            assert check.difference <= 2.0**-50, f"{case}: {check.sentence}"


def test_spark_itself_gives_the_engines_bits(workspaces: dict[str, Workspace]) -> None:
    (spark,) = (way for way in language_ways() if way.name == "Spark, local")
    workspace = workspaces["ranker"]

    with spark.start(workspace) as program:
        outputs = program.check(50).outputs

    assert Check.of(outputs, workspace.model.expected[:50]).exact


def _processor_flags() -> str:
    found = Path("/proc/cpuinfo")
    return found.read_text() if found.exists() else ""


@pytest.mark.parametrize(
    ("way", "case", "why"),
    [
        ("scikit-learn", "gbt_regressor", "know no categories, so they can't hold Spark's"),
        ("XGBoost", "gbt_regressor", "the model is none of XGBoost's"),
        ("LightGBM", "gbt_regressor", "the model is none of LightGBM's"),
    ],
)
def test_what_a_library_cannot_hold_is_named(way: str, case: str, why: str, workspaces: dict[str, Workspace]) -> None:
    (found,) = (each for each in language_ways() if each.name == way)

    with pytest.raises(Absent, match=why):
        found.start(workspaces[case])


def test_the_outputs_are_those_that_spark_recorded(workspaces: dict[str, Workspace]) -> None:
    model = workspaces["multinomial_categories"].model

    assert model.outputs == ("probability(0)", "probability(1)", "probability(2)")
    assert (model.engine, model.arithmetic) == ("compiled", "spark")


def test_a_compiler_that_contracts_is_seen(workspaces: dict[str, Workspace], tmp_path: Path) -> None:
    if "fma" not in _processor_flags():
        pytest.skip("this processor has no fused multiply-add")
    workspace = workspaces["ranker"]
    try:
        build_c("linear", tmp_path)
    except Absent as why:
        pytest.skip(str(why))
    # A loop that is vectorised has no scalar sums to be fused with its products.
    command = build_c("linear", tmp_path, ("-O2", "-fno-tree-vectorize", "-mfma", "-ffp-contract=fast"))

    with workspace.run(command) as program:
        contracted = program.check(workspace.model.rows)

    check = Check.of(contracted.outputs, workspace.model.expected, contracts=contracted.contracts)
    assert check.contracts
    assert not check.exact


@pytest.mark.parametrize(
    ("build", "needed"),
    [(build_c, "C needs gcc"), (build_cython, "Cython needs gcc"), (build_go, "Go needs its compiler"),
     (build_cgo, "cgo needs Go's compiler")],
)  # fmt: skip
def test_a_missing_compiler_is_named(
    build: Callable[[str, Path], list[str]], needed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Absent, match=f"{needed}, and there is none on PATH"):
        build("trees", tmp_path)


def test_a_compiler_that_refuses_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="refuses the program"):
        build_c("nothing", tmp_path)


def test_a_program_is_built_anew_only_where_it_is_another(tmp_path: Path) -> None:
    try:
        (program,) = build_c("linear", tmp_path)
    except Absent as why:
        pytest.skip(str(why))
    built = Path(program).stat().st_mtime_ns

    # Arguments of their own are a build of their own in this process.
    build_c("linear", tmp_path, C_FLAGS)
    kept = Path(program).stat().st_mtime_ns
    build_c("linear", tmp_path, ("-O1",))

    assert kept == built
    assert Path(program).stat().st_mtime_ns > built
