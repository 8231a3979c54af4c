import tomllib
from importlib.metadata import requires, version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools.checkout import ROOT


@pytest.mark.parametrize(("package", "oldest"), [("starlette", "1.0.1"), ("h11", "0.16"), ("protobuf", "6")])
def test_network_libraries_are_of_versions_without_known_holes(package: str, oldest: str) -> None:
    assert Version(version(package)) >= Version(oldest)


def test_the_extra_for_boosters_brings_what_xgboosts_stages_import_and_xgboost_does_not_bring() -> None:
    extras = tomllib.loads((ROOT / "python/pyproject.toml").read_text())["project"]["optional-dependencies"]
    brought = {Requirement(each).name for each in extras["boosters"]}
    plain = {each.name for each in map(Requirement, requires("xgboost-cpu") or ()) if each.marker is None}

    assert "scikit-learn" in brought | plain
