"""XGBoost's own model in a pipeline that was kept with a version."""

import json
import re
import zipfile
from pathlib import Path

from pillion.lab.program import Absent

_METADATA = re.compile(r"(.*/)?metadata/part-[^/]*")
_PYTHON, _JVM = "xgboost.spark.", "ml.dmlc.xgboost4j."
"""What the names of classes begin with."""


def read_booster(pipeline: Path) -> bytes:
    """Returns the model as XGBoost reads it: JSON of `xgboost.spark`, and what `xgboost4j-spark` saves.

    Args:
        pipeline: The zip file.

    Raises:
        Absent: It has none, or several.
    """
    with zipfile.ZipFile(pipeline) as archive:
        names = sorted(archive.namelist())
        found = []
        for name in names:
            if _METADATA.fullmatch(name):
                kind = str(json.loads(archive.read(name))["class"])
                folder = name.removesuffix(f"metadata/{name.rpartition('/')[2]}")
                if kind.startswith(_PYTHON):
                    parts = [archive.read(each) for each in names if each.startswith(f"{folder}model/part-")]
                    found.append(b"".join(part.replace(b"\n", b"") for part in parts))
                elif kind.startswith(_JVM):
                    found += [archive.read(each) for each in names if each.startswith(f"{folder}data/")]
    if len(found) != 1:
        raise Absent(f"the pipeline that was kept has {len(found)} models of XGBoost's, and one is expected")
    return found[0]
