"""The names of what the online store keeps.

`<ver>` is a feature version, `{b}` a bucket, in braces so that a cluster keeps its keys on one node.

| key | kind | holds |
|---|---|---|
| `active` | string | the version in use |
| `versions` | counter | the last version that was begun |
| `meta<ver>` | string, JSON | schemas, widths, segments, time |
| `u<ver>:{b}` | hash | user features; b = user id >> 5, field = user id & 31 |
| `r<ver>:{b}` | hash | batch answers, likewise |
| `s<ver>:{b}` | hash | seen items, likewise |
| `i<ver>:{b}:<id>` | string | features and title of an item; b = item id & 63 |
| `ids<ver>` | string | all item ids |
| `buckets<ver>` | string | all user buckets |
| `batch<ver>` | string, JSON | model, version and time of the batch answers |
| `pop<ver>:global`, `pop<ver>:<segment>` | string | popular items with their counts |

Items are strings and not hashes because one MGET of many strings is several times faster than many HMGETs.
"""

ACTIVE = "active"
VERSIONS = "versions"
GLOBAL = "global"

BUCKET_BITS = 5
"""A user bucket holds 2^5 users."""
ITEM_TAGS = 64
"""Over how many hash tags the items are spread."""


def bucket(user_id: int) -> int:
    """Returns the bucket of a user."""
    return user_id >> BUCKET_BITS


def field(user_id: int) -> int:
    """Returns the user's field in the bucket."""
    return user_id & ((1 << BUCKET_BITS) - 1)


def users(version: int, bucket: int) -> str:
    """Returns the key of a bucket of user features."""
    return f"u{version}:{{{bucket}}}"


def batch_answers(version: int, bucket: int) -> str:
    """Returns the key of a bucket of batch answers."""
    return f"r{version}:{{{bucket}}}"


def seen(version: int, bucket: int) -> str:
    """Returns the key of a bucket of seen items."""
    return f"s{version}:{{{bucket}}}"


def item(version: int, item_id: int) -> str:
    """Returns the key of an item."""
    return f"i{version}:{{{item_id % ITEM_TAGS}}}:{item_id}"


def meta(version: int) -> str:
    """Returns the key of what describes a version."""
    return f"meta{version}"


def item_ids(version: int) -> str:
    """Returns the key of the list of all items."""
    return f"ids{version}"


def buckets(version: int) -> str:
    """Returns the key of the list of all user buckets."""
    return f"buckets{version}"


def batch_meta(version: int) -> str:
    """Returns the key of what describes a version's batch answers."""
    return f"batch{version}"


def popularity(version: int, segment: str) -> str:
    """Returns the key of a popularity list."""
    return f"pop{version}:{segment}"


def segment(field: str, value: str) -> str:
    """Returns the name of a segment, e.g. `country=DE`."""
    return f"{field}={value}"
