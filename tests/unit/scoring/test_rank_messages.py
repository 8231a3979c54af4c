"""Rank requests and their replies, over HTTP and gRPC, of a first phase."""

import json
from dataclasses import replace

import pytest

from pillion.scoring import RankRequest
from pillion.scoring.grpc_rank import decode_rank as decode_grpc
from pillion.scoring.grpc_rank import encode_rank as encode_grpc
from pillion.scoring.stubs import rank_pb2
from pillion.scoring.v2_rank import decode_rank, encode_rank

REQUEST = RankRequest("ranker", {"rate": "double"}, {"rate": 1.5}, 9, listed="global", list_size=200)


@pytest.mark.parametrize("vectors", [None, ("user_factor", "item_factor")])
def test_the_vectors_of_a_first_phase_are_named(vectors: tuple[str, str] | None) -> None:
    request = replace(REQUEST, vectors=vectors)

    body = json.loads(encode_rank(request))
    message = rank_pb2.RankRequest.FromString(encode_grpc(request))

    assert (body.get("user_vector"), body.get("item_vector")) == (vectors or (None, None))
    assert (message.user_vector, message.item_vector) == (vectors or ("", ""))


@pytest.mark.parametrize("share", [None, 0.25])
def test_the_share_that_was_seen_is_read(share: float | None) -> None:
    reply = {"items": [3], "scores": [0.5], "candidates": 1, "unscored": 0}
    body = json.dumps(reply if share is None else {**reply, "seen_share": share}).encode()
    message = rank_pb2.RankResponse(item_ids=[3], scores=[0.5], candidates=1, seen_share=share or 0.0)

    assert decode_rank(body, REQUEST).seen_share == share
    assert decode_grpc(message.SerializeToString(), REQUEST).seen_share == share
