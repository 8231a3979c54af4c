"""The synthetic online features of the demo: device, country and referrer, which MovieLens does not have.

Hour and weekday are real: they come from the rating's time stamp. Device, country and referrer come from this seeded
generator and are labelled synthetic wherever they are shown. A user has a home country and favourite devices; when a
film was liked, the device and referrer also lean towards what the film's genre is given a taste for here, so that a
model can find an interaction between device and genre.
"""

import numpy as np
import pandas as pd

from pillion.demo.movielens import GENRES, LIKED, genre_flags

CONTEXT = ("hour", "weekday", "device", "country", "referrer")
"""The online features, as this package's project file declares them."""
DEVICES = ("desktop", "mobile", "tablet", "tv")
COUNTRIES = ("US", "GB", "DE", "FR", "IN", "BR")
REFERRERS = ("direct", "email", "search", "social")

_DEVICE_TASTE = {
    "mobile": {"Comedy": 1.4, "Romance": 1.25},
    "tablet": {"Children": 1.55, "Animation": 1.45},
    "tv": {"Action": 1.4, "Sci-Fi": 1.25, "Adventure": 1.2},
    "desktop": {"Documentary": 1.45, "Film-Noir": 1.25, "Drama": 1.1},
}
_REFERRER_TASTE = {"email": {"Drama": 1.2}, "social": {"Horror": 1.3, "Thriller": 1.15}}


def _taste(names: tuple[str, ...], table: dict[str, dict[str, float]]) -> np.ndarray:
    taste = np.array([[table.get(name, {}).get(genre, 1.0) for genre in GENRES] for name in names], dtype=np.float64)
    return np.asarray(np.log(taste))


def _draw(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    cumulative = np.cumsum(weights, axis=1)
    return np.asarray((random.random(len(weights))[:, None] * cumulative[:, -1:] > cumulative).sum(axis=1))


def add_context(ratings: pd.DataFrame, films: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Returns the ratings with their online features: `hour` and `weekday` real (UTC), the others synthetic.

    Give it all ratings at once, so that a user keeps one home country and one set of habits.

    Args:
        ratings: `user_id`, `item_id`, `rating`, `timestamp`.
        films: the catalog, for the genres of what was liked.
        seed: of the generator; the same arguments give the same table.

    Returns:
        Also `hour` (0 to 23), `weekday` (0 = Monday), `device`, `country`, `referrer`.
    """
    flags = genre_flags(films)[np.searchsorted(films["item_id"].to_numpy(), ratings["item_id"].to_numpy())]
    liked = flags * (ratings["rating"] >= LIKED).to_numpy()[:, None]
    random = np.random.default_rng(seed)
    users, index = np.unique(ratings["user_id"].to_numpy(), return_inverse=True)
    home = random.integers(0, len(COUNTRIES), len(users))
    habits = random.dirichlet(np.full(len(DEVICES), 1.5), len(users))
    device = _draw(habits[index] * np.exp(liked @ _taste(DEVICES, _DEVICE_TASTE).T), random)
    referrer = _draw(np.array([0.5, 0.1, 0.25, 0.15]) * np.exp(liked @ _taste(REFERRERS, _REFERRER_TASTE).T), random)
    travelling = random.random(len(ratings)) < 0.05
    country = np.where(travelling, random.integers(0, len(COUNTRIES), len(ratings)), home[index])
    moment = pd.to_datetime(ratings["timestamp"], unit="s")
    return ratings.assign(
        hour=moment.dt.hour.to_numpy(np.int32),
        weekday=moment.dt.weekday.to_numpy(np.int32),
        device=np.array(DEVICES, dtype=object)[device],
        country=np.array(COUNTRIES, dtype=object)[country],
        referrer=np.array(REFERRERS, dtype=object)[referrer],
    )
