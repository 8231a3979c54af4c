"""Scoring: the model repository, and the ways to have rows scored."""

from pillion.scoring.clients import open_scorer
from pillion.scoring.http import HttpScorer
from pillion.scoring.rank_request import CATALOG, RankedItems, RankRequest
from pillion.scoring.ranking import ClassRanking, Ranked, Ranking, ScoreRanking, rank, rank_classes
from pillion.scoring.repository import Manifest, ModelRepository
from pillion.scoring.row_error import RowError
from pillion.scoring.scorer import FakeScorer, Scorer, ScoreRequest, Scores

__all__ = [
    "CATALOG",
    "ClassRanking",
    "FakeScorer",
    "HttpScorer",
    "Manifest",
    "ModelRepository",
    "RankRequest",
    "Ranked",
    "RankedItems",
    "Ranking",
    "RowError",
    "ScoreRanking",
    "ScoreRequest",
    "Scorer",
    "Scores",
    "open_scorer",
    "rank",
    "rank_classes",
]
