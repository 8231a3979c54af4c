"""The synthetic online features of the demo: device, country and referrer, which MovieLens does not have.

Hour and weekday are real: they come from the rating's time stamp. Device, country and referrer come from this seeded
generator and are labelled synthetic wherever they are shown. A user has a home country and favourite devices; when a
film was liked, the device and referrer also lean towards what the film's genre is given a taste for here, so that a
model can find an interaction between device and genre.
"""

import numpy as np
import pandas as pd

from pillion.training.movielens import GENRES

DEVICES = ("desktop", "mobile", "tablet", "tv")
COUNTRIES = ("US", "GB", "DE", "FR", "IN", "BR")
REFERRERS = ("direct", "email", "search", "social")

_DEVICE_TASTE = {
    "mobile": {"Comedy": 2.2, "Romance": 1.8},
    "tablet": {"Children": 3.0, "Animation": 2.5},
    "tv": {"Action": 2.2, "Sci-Fi": 1.8, "Adventure": 1.6},
    "desktop": {"Documentary": 2.5, "Film-Noir": 1.8, "Drama": 1.3},
}
_REFERRER_TASTE = {"email": {"Drama": 1.5}, "social": {"Horror": 2.0, "Thriller": 1.4}}


def _taste(names: tuple[str, ...], table: dict[str, dict[str, float]]) -> np.ndarray:
    taste = np.array([[table.get(name, {}).get(genre, 1.0) for genre in GENRES] for name in names], dtype=np.float64)
    return np.asarray(np.log(taste))


def _draw(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    cumulative = np.cumsum(weights, axis=1)
    return np.asarray((random.random(len(weights))[:, None] * cumulative[:, -1:] > cumulative).sum(axis=1))


def generate(user_ids: np.ndarray, timestamps: np.ndarray, liked_genres: np.ndarray, seed: int) -> pd.DataFrame:
    """Makes the online features of one event a row.

    Args:
        user_ids: int64, shape (n,).
        timestamps: seconds since 1970 UTC, int64, shape (n,).
        liked_genres: genre flags of the film where it was liked, else zeros; float64, shape (n, len(GENRES)).
        seed: of the generator; the same arguments give the same table.

    Returns:
        Columns `hour` (0 to 23, UTC), `weekday` (0 = Monday), `device`, `country`, `referrer`.
    """
    random = np.random.default_rng(seed)
    users, index = np.unique(user_ids, return_inverse=True)
    home = random.integers(0, len(COUNTRIES), len(users))
    habits = random.dirichlet(np.full(len(DEVICES), 1.5), len(users))
    device = _draw(habits[index] * np.exp(liked_genres @ _taste(DEVICES, _DEVICE_TASTE).T), random)
    referrer = _draw(
        np.array([0.5, 0.1, 0.25, 0.15]) * np.exp(liked_genres @ _taste(REFERRERS, _REFERRER_TASTE).T), random
    )
    travelling = random.random(len(user_ids)) < 0.05
    country = np.where(travelling, random.integers(0, len(COUNTRIES), len(user_ids)), home[index])
    moment = pd.to_datetime(pd.Series(timestamps), unit="s")
    return pd.DataFrame(
        {
            "hour": moment.dt.hour.to_numpy(np.int32),
            "weekday": moment.dt.weekday.to_numpy(np.int32),
            "device": np.array(DEVICES, dtype=object)[device],
            "country": np.array(COUNTRIES, dtype=object)[country],
            "referrer": np.array(REFERRERS, dtype=object)[referrer],
        }
    )
