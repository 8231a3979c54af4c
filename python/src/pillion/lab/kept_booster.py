"""The model of a library's own in a pipeline that was kept with a version."""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pillion.lab.program import Absent

_METADATA = re.compile(r"(.*/)?metadata/part-[^/]*")
_XGBOOST, _XGBOOST_JVM, _LIGHTGBM = "xgboost.spark.", "ml.dmlc.xgboost4j.", "pillion.lightgbm."
"""What the names of classes begin with."""


def read_xgboost(pipeline: Path) -> bytes:
    """Returns the model as XGBoost reads it: JSON of `xgboost.spark`, and what `xgboost4j-spark` saves.

    Args:
        pipeline: The zip file.

    Raises:
        Absent: It has none, or several.
    """
    with zipfile.ZipFile(pipeline) as archive:
        names = sorted(archive.namelist())
        found = []
        for folder, stage in _stages(archive):
            if stage["class"].startswith(_XGBOOST):
                parts = [archive.read(each) for each in names if each.startswith(f"{folder}model/part-")]
                found.append(b"".join(part.replace(b"\n", b"") for part in parts))
            elif stage["class"].startswith(_XGBOOST_JVM):
                found += [archive.read(each) for each in names if each.startswith(f"{folder}data/")]
    return _only(found, "XGBoost")


def read_lightgbm(pipeline: Path) -> bytes:
    """Returns the model text that a stage of `pillion.lightgbm` has.

    Args:
        pipeline: The zip file.

    Raises:
        Absent: It has none, or several.
    """
    with zipfile.ZipFile(pipeline) as archive:
        stages = [stage for _, stage in _stages(archive) if stage["class"].startswith(_LIGHTGBM)]
    return _only([str(stage["paramMap"]["model"]).encode() for stage in stages], "LightGBM")


def _stages(archive: zipfile.ZipFile) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The folder of each stage, and what Spark says of it."""
    for name in sorted(archive.namelist()):
        if _METADATA.fullmatch(name):
            yield name.removesuffix(f"metadata/{name.rpartition('/')[2]}"), json.loads(archive.read(name))


def _only(found: list[bytes], library: str) -> bytes:
    if len(found) != 1:
        raise Absent(f"the pipeline that was kept has {len(found)} models of {library}'s, and one is expected")
    return found[0]
