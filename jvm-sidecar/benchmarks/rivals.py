"""Times the fastest libraries of trees on the benchmarks' rows, one thread, and prints JSON.

Usage: python rivals.py FOLDER

Runs in the environment of `rivals.in`. Each library has 100 trees of depth 5, trained on the rows that the
benchmarks' boosted trees are trained on, with categories as numbers, and predicts arrays that are encoded before.
Prints nanoseconds of processor time a row and tree by library and number of rows, or why a library is missing.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from fit import CATEGORIES, NUMBERS, TRAINING_ROWS, rows

TREES = 100
DEPTH = 5
ROWS = [100, 1_000]
FEATURES = [*CATEGORIES, *NUMBERS]
RUNS = 5
SECONDS = 0.1
Predict = Callable[[], Any]
# What predicts an array of rows, prepared for it.
Model = Callable[[np.ndarray], Predict]


def table(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The benchmarks' rows, categories as their numbers, and the label of two classes."""
    made = rows(count, seed)
    label = len(FEATURES) + 1
    encoded = [
        [*(float(text.rsplit("-", 1)[1]) for text in row[: len(CATEGORIES)]), *row[len(CATEGORIES) : len(FEATURES)]]
        for row in made
    ]
    return np.array(encoded, dtype=np.float64), np.array([row[label] for row in made])


def lightgbm_booster(x: np.ndarray, y: np.ndarray) -> Any:
    """LightGBM's trees, as full as the depth allows."""
    import lightgbm

    options = {"objective": "binary", "max_depth": DEPTH, "num_leaves": 2**DEPTH, "num_threads": 1, "verbosity": -1}
    return lightgbm.train(options, lightgbm.Dataset(x, y), TREES)


def xgboost_booster(x: np.ndarray, y: np.ndarray) -> Any:
    """XGBoost's trees."""
    import xgboost

    options = {"objective": "binary:logistic", "max_depth": DEPTH, "nthread": 1, "tree_method": "hist"}
    return xgboost.train(options, xgboost.DMatrix(x, y), TREES)


def lightgbm_model(x: np.ndarray, y: np.ndarray, folder: Path) -> Model:
    """LightGBM's own prediction."""
    booster = lightgbm_booster(x, y)
    return lambda batch: partial(booster.predict, batch, num_threads=1)


def lleaves_model(x: np.ndarray, y: np.ndarray, folder: Path) -> Model:
    """LightGBM's trees compiled by lleaves."""
    import lleaves

    file = folder / "lightgbm.txt"
    lightgbm_booster(x, y).save_model(str(file))
    model = lleaves.Model(model_file=str(file))
    model.compile()
    return lambda batch: partial(model.predict, batch, n_jobs=1)


def xgboost_model(x: np.ndarray, y: np.ndarray, folder: Path) -> Model:
    """XGBoost's prediction without a copy."""
    booster = xgboost_booster(x, y)
    return lambda batch: partial(booster.inplace_predict, batch.astype(np.float32))


def tl2cgen_model(x: np.ndarray, y: np.ndarray, folder: Path) -> Model:
    """XGBoost's trees as C code, by treelite."""
    import tl2cgen
    import treelite

    file = folder / "xgboost.json"
    xgboost_booster(x, y).save_model(str(file))
    library = folder / "xgboost.so"
    tl2cgen.export_lib(treelite.frontend.load_xgboost_model(str(file)), toolchain="gcc", libpath=str(library))
    predictor = tl2cgen.Predictor(str(library), nthread=1)
    return lambda batch: partial(predictor.predict, tl2cgen.DMatrix(batch, dtype="float32"))


def ydf_model(x: np.ndarray, y: np.ndarray, folder: Path) -> Model:
    """YDF's trees; turning arrays into a data set of its own counts."""
    import ydf

    ydf.verbose(0)
    data = {name: x[:, i] for i, name in enumerate(FEATURES)} | {"label": y.astype(np.int64)}
    learner = ydf.GradientBoostedTreesLearner(
        label="label", num_trees=TREES, max_depth=DEPTH + 1, early_stopping="NONE", validation_ratio=0.0, num_threads=1
    )
    model = learner.train(data)
    assert model.num_trees() == TREES
    return lambda batch: partial(model.predict, {name: batch[:, i] for i, name in enumerate(FEATURES)}, num_threads=1)


MODELS = {
    "lleaves": lleaves_model,
    "YDF": ydf_model,
    "XGBoost": xgboost_model,
    "tl2cgen": tl2cgen_model,
    "LightGBM": lightgbm_model,
}


def nanoseconds(predict: Predict) -> float:
    """Processor time of a call, in the best of several runs, as the other benchmarks have it."""
    best = float("inf")
    for _ in range(RUNS):
        calls = 0
        before = time.process_time()
        while time.process_time() - before < SECONDS:
            predict()
            calls += 1
        best = min(best, (time.process_time() - before) * 1e9 / calls)
    return best


def main(folder: Path) -> None:
    """Trains and times all of them."""
    scratch = folder / "trained"
    scratch.mkdir(parents=True, exist_ok=True)
    x, y = table(TRAINING_ROWS, 1)
    scored, _ = table(ROWS[-1], 2)
    results: dict[str, Any] = {}
    for name, train in MODELS.items():
        if name == "tl2cgen" and shutil.which("gcc") is None:
            results[name] = "there is no gcc"
            continue
        try:
            model = train(x, y, scratch)
        except (ImportError, OSError, RuntimeError, AttributeError) as e:
            results[name] = f"{type(e).__name__}: {e}"
            continue
        batches = {count: model(np.ascontiguousarray(scored[:count])) for count in ROWS}
        results[name] = {str(count): nanoseconds(call) / count / TREES for count, call in batches.items()}
    print(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
