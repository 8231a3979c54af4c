"""The names of what the online store keeps.

`<ver>` is a feature version, `{b}` a bucket, in braces so that a cluster keeps its keys on one node.

| key | kind | holds |
|---|---|---|
| `active` | string | the version in use |
| `versions` | counter | the last version that was begun |
| `unfinished` | string, JSON | the version and the contents of a load by Spark that is under way or was cut short |
| `parts<ver>` | hash | the parts of it that are written, with their users |
| `meta<ver>` | string, JSON | schemas, widths, segments, time |
| `u<ver>:{b}` | hash | user features; b = user id >> 5, field = user id & 31; of ids that are text b = CRC-32 modulo
the count of buckets, field = the id |
| `r<ver>.<run>:{b}` | hash | batch answers of a run, likewise |
| `s<ver>:{b}` | hash | seen items, likewise |
| `i<ver>:{b}:<number>` | string | features and title of an item; b = number & 63 |
| `ids<ver>` | string | the numbers of all items |
| `names<ver>` | string, JSON | the ids of items by number, where they are text; else a number is an id |
| `buckets<ver>` | string | all user buckets |
| `d<ver>.<run>:{b}` | hash | what the answers of a run were computed from, as a digest of 8 bytes, likewise |
| `runs<ver>` | counter | the last run of batch inference that was begun |
| `batch<ver>` | string, JSON | run, model, version and time of the batch answers in use |
| `batch` | string | the last version that got batch answers |
| `lock:<what>` | string | the host and process that writes, while it does |
| `pop<ver>:global`, `pop<ver>:<segment>` | string | popular items with their counts |

A bucket of users whose ids are text holds 32 users on average.

Items are strings and not hashes because one MGET of many strings is several times faster than many HMGETs.
"""

import zlib

from pillion.types import Id, IdType, Value

ACTIVE = "active"
VERSIONS = "versions"
UNFINISHED = "unfinished"
GLOBAL = "global"
BATCH = "batch"

BUCKET_BITS = 5
"""A user bucket holds 2^5 users."""
BUCKET_FIELDS = 128
"""Users that a bucket has at most, also where their ids are text, for all that is likely."""
DIGEST_BYTES = 8
"""Of what a user's batch answer was computed from."""
BUCKET_WIDTH = 8
"""Bytes of a bucket's number in the list of them."""
ITEM_TAGS = 64
"""Over how many hash tags the items are spread."""


def place(user_id: Id, buckets: int) -> tuple[int, int | str]:
    """Returns the bucket of a user, and the user's field in it.

    Args:
        user_id: The user.
        buckets: How many there are; not looked at where ids are whole numbers.
    """
    if isinstance(user_id, str):
        return zlib.crc32(user_id.encode()) % buckets, user_id
    return user_id >> BUCKET_BITS, user_id & ((1 << BUCKET_BITS) - 1)


def user_at(bucket: int, field: bytes, kind: IdType) -> Id:
    """Returns the user at a place: what undoes `place`.

    Args:
        bucket: The bucket's number.
        field: The field's name, as the store gives it.
        kind: Of which kind the users' ids are.
    """
    return field.decode() if kind == "string" else bucket << BUCKET_BITS | int(field)


def bucket_count(users: int) -> int:
    """Returns how many buckets so many users take whose ids are text."""
    return max(1, (users + (1 << BUCKET_BITS) - 1) >> BUCKET_BITS)


def users(version: int, bucket: int) -> str:
    """Returns the key of a bucket of user features."""
    return f"u{version}:{{{bucket}}}"


def batch_answers(version: int, run: int, bucket: int) -> str:
    """Returns the key of a bucket of a run's batch answers."""
    return f"r{version}.{run}:{{{bucket}}}"


def batch_digests(version: int, run: int, bucket: int) -> str:
    """Returns the key of a bucket of digests of what a run's answers were computed from."""
    return f"d{version}.{run}:{{{bucket}}}"


def seen(version: int, bucket: int) -> str:
    """Returns the key of a bucket of seen items."""
    return f"s{version}:{{{bucket}}}"


def item(version: int, number: int) -> str:
    """Returns the key of an item."""
    return f"i{version}:{{{number % ITEM_TAGS}}}:{number}"


def meta(version: int) -> str:
    """Returns the key of what describes a version."""
    return f"meta{version}"


def item_ids(version: int) -> str:
    """Returns the key of the list of all items."""
    return f"ids{version}"


def item_names(version: int) -> str:
    """Returns the key of the items' dictionary."""
    return f"names{version}"


def buckets(version: int) -> str:
    """Returns the key of the list of all user buckets."""
    return f"buckets{version}"


def parts(version: int) -> str:
    """Returns the key of a load's written parts."""
    return f"parts{version}"


def batch_runs(version: int) -> str:
    """Returns the key of the counter of a version's runs of batch inference."""
    return f"runs{version}"


def batch_meta(version: int) -> str:
    """Returns the key of what describes a version's batch answers."""
    return f"batch{version}"


def lock(what: str) -> str:
    """Returns the key of a lock."""
    return f"lock:{what}"


def popularity(version: int, segment: str) -> str:
    """Returns the key of a popularity list."""
    return f"pop{version}:{segment}"


def segment(field: str, value: Value) -> str:
    """Returns the name of a segment, e.g. `country=DE` or `member=true`."""
    return f"{field}={str(value).lower() if isinstance(value, bool) else value}"
