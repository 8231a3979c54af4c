from importlib.metadata import version

import pytest
from packaging.version import Version


@pytest.mark.parametrize(("package", "oldest"), [("starlette", "1.0.1"), ("h11", "0.16"), ("protobuf", "6")])
def test_network_libraries_are_of_versions_without_known_holes(package: str, oldest: str) -> None:
    assert Version(version(package)) >= Version(oldest)
