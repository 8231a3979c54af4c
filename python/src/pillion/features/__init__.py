"""Features: the online store, the feature contract, and what turns a request into columns."""

from pillion.features.archive import read_contents, write_contents
from pillion.features.assembler import assemble
from pillion.features.baseline import Baseline, measure_baseline, read_baseline
from pillion.features.batch_writer import begin_run, finish_run, load_batch_answers
from pillion.features.catalog import Assumed, BatchMeta, Catalog
from pillion.features.comparison import FeatureComparison, compare_store
from pillion.features.contents import Contents, ContentsStream, FeatureTable
from pillion.features.contract import BoundContract, Contract, Input, bind, read_contract
from pillion.features.loader import Loaded, load, publish_contents, read_contents_of
from pillion.features.memory import MemoryStore
from pillion.features.online import OnlineInputs
from pillion.features.reader import UserSide, read_user
from pillion.features.seen import add_seen
from pillion.features.snapshot import SnapshotKeeper, read_catalog
from pillion.features.store import Store
from pillion.features.user_sample import SampledUser, sample_users
from pillion.features.writer import load_features

__all__ = [
    "Assumed",
    "Baseline",
    "BatchMeta",
    "BoundContract",
    "Catalog",
    "Contents",
    "ContentsStream",
    "Contract",
    "FeatureComparison",
    "FeatureTable",
    "Input",
    "Loaded",
    "MemoryStore",
    "OnlineInputs",
    "SampledUser",
    "SnapshotKeeper",
    "Store",
    "UserSide",
    "add_seen",
    "assemble",
    "begin_run",
    "bind",
    "compare_store",
    "finish_run",
    "load",
    "load_batch_answers",
    "load_features",
    "measure_baseline",
    "publish_contents",
    "read_baseline",
    "read_catalog",
    "read_contents",
    "read_contents_of",
    "read_contract",
    "read_user",
    "sample_users",
    "write_contents",
]
