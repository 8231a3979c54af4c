"""What is sent: bodies of a wanted size, in every encoding that the sidecar reads, valid and invalid."""

import json
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from pillion.scoring.stubs import inference_pb2

INFER = "/v2/models/ranker/infer"
RANK = "/v2/models/ranker/rank"
DIALECT = "/openscoring/model/ranker"
BINARY = "Inference-Header-Content-Length"
GRPC_INFER = "/inference.GRPCInferenceService/ModelInfer"
GRPC_RANK = "/pillion.v1.RankService/Rank"
COLUMNS = {"user_rate": ("FP64", 1.5), "item_score": ("FP64", 0.5), "device": ("BYTES", "tv"), "hour": ("INT64", 3)}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request.

    Attributes:
        kind: Its row in the report.
        path: Of HTTP, or the call of gRPC.
        body: Its bytes.
        headers: Further headers of HTTP.
        grpc: Whether it is a gRPC message.
    """

    kind: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    grpc: bool = False


Maker = Callable[[random.Random, int], Sent]


def good(rows: int) -> bytes:
    """A V2 request in JSON that is answered with 200."""
    return _v2({name: _numbers(datatype, value, rows) for name, (datatype, value) in COLUMNS.items()}, rows)


def _numbers(datatype: str, value: object, rows: int) -> bytes:
    one = json.dumps(value).encode()
    return b"[" + b",".join([one] * rows) + b"]"


def _v2(data: dict[str, bytes], rows: int, more: bytes = b"", data_first: bool = False) -> bytes:
    inputs = []
    for name, values in data.items():
        head = b'"name":"%s","datatype":"%s","shape":[%d]' % (name.encode(), COLUMNS[name][0].encode(), rows)
        parts = (b'"data":' + values, head) if data_first else (head, b'"data":' + values)
        inputs.append(b"{" + b",".join(parts) + b"}")
    return b'{"inputs":[' + b",".join(inputs) + b"]" + more + b"}"


def _rows(random_: random.Random, size: int, row: int) -> int:
    """Rows that make a body of a size; now and then few enough to be let in."""
    rows = max(1, size // row)
    return rows if random_.random() < 0.5 else min(rows, random_.randint(1, 100_000))


def json_flat(random_: random.Random, size: int) -> Sent:
    """V2 in JSON, each tensor's data one array."""
    return Sent("V2 JSON, flat", INFER, good(_rows(random_, size, 20)))


def json_nested(random_: random.Random, size: int) -> Sent:
    """V2 in JSON, a pair of brackets around each value; the data before its type."""
    rows = _rows(random_, size, 28)
    data = {
        name: b"[" + b",".join([b"[" + json.dumps(value).encode() + b"]"] * rows) + b"]"
        for name, (_, value) in COLUMNS.items()
    }
    return Sent("V2 JSON, nested", INFER, _v2(data, rows, data_first=random_.random() < 0.5))


def json_texts(random_: random.Random, size: int) -> Sent:
    """Texts: many short ones, few long ones, or one of the whole size."""
    length = random_.choice([0, 1, 100, 100_000, size])
    rows = max(1, min(100_000, size // (length + 3)))
    text = b'"' + b"x" * length + b'"'
    data = {name: _numbers(datatype, value, rows) for name, (datatype, value) in COLUMNS.items() if name != "device"}
    return Sent("V2 JSON, texts", INFER, _v2({**data, "device": b"[" + b",".join([text] * rows) + b"]"}, rows))


def json_unread(random_: random.Random, size: int) -> Sent:
    """What the sidecar does not read: many names, deep objects, long numbers, another's arrays."""
    kind = random_.randrange(5)
    if kind == 0:
        names = b",".join(b'"%x":0' % number for number in range(size // 11))
        more = b',"extra":{' + names + b"}"
    elif kind == 1:
        inner = b",".join(b'"%x":0' % number for number in range(size // 11 // 20))
        more = b',"extra":' + b"".join(b"{" + inner + b',"down":' for _ in range(20)) + b"1" + b"}" * 20
    elif kind == 2:
        more = b',"extra":' + b"[" * (size // 2) + b"]" * (size // 2)
    elif kind == 3:
        more = b',"extra":[' + b"1," * (size // 2) + b"1]"
    else:
        more = b',"extra":' + b"1" * size
    data = {name: _numbers(datatype, value, 1) for name, (datatype, value) in COLUMNS.items()}
    return Sent("V2 JSON, unread", INFER, _v2(data, 1, more))


def json_inputs(random_: random.Random, size: int) -> Sent:
    """Many tensors: of one name, of none, or empty."""
    one = random_.choice([b"{}", b'{"name":"hour"}', b'{"name":"hour","datatype":"INT64","shape":[1],"data":[1]}'])
    return Sent("V2 JSON, many tensors", INFER, b'{"inputs":[' + b",".join([one] * (size // len(one))) + b"]}")


def binary(random_: random.Random, size: int) -> Sent:
    """V2 with binary tensors; sometimes their sizes are wrong."""
    rows = _rows(random_, size, 30)
    raw = {
        "user_rate": struct.pack("<d", 1.5) * rows,
        "item_score": struct.pack("<d", 0.5) * rows,
        "device": random_.choice([b"\x02\x00\x00\x00tv", b"\x00\x00\x00\x00"]) * rows,
        "hour": struct.pack("<q", 3) * rows,
    }
    wrong = random_.random() < 0.2
    inputs = [
        {
            "name": name,
            "datatype": COLUMNS[name][0],
            "shape": [rows],
            "parameters": {"binary_data_size": len(values) * (1 + wrong * random_.randint(0, 50))},
        }
        for name, values in raw.items()
    ]
    head = json.dumps({"inputs": inputs}).encode()
    return Sent("V2 binary", INFER, head + b"".join(raw.values()), {BINARY: str(len(head))})


def csv(random_: random.Random, size: int) -> Sent:
    """A table with many short cells, long cells, quoted ones, one endless record or header."""
    kind = random_.randrange(7)
    body = (
        lambda: b"hour\n" + b"1," * (size // 2) + b"1\n",
        lambda: b"," * size + b"\n1\n",
        lambda: b'device,hour\n"' + b"x" * size + b'",1\n',
        lambda: b'device,hour\n"' + b"x\n" * (size // 2),
        lambda: b"hour\n" + b"1\n" * (size // 2),
        lambda: b"id,device,hour\n" + b"identifier,tv,1\n" * min(100_000, size // 16),
        lambda: b"device,hour\n" + b'"t""v",1\n' * min(100_000, size // 9),
    )[kind]()
    return Sent("Openscoring CSV", f"{DIALECT}/csv", body, {"Content-Type": "text/plain"})


def batch(random_: random.Random, size: int) -> Sent:
    """A batch: of full rows, of empty ones, of many arguments that are no input, with long ids."""
    other = b",".join(b'"%c%c":1' % (97 + i // 26, 97 + i % 26) for i in range(90))
    row = random_.choice(
        [
            b'{"id":"1","arguments":{"user_rate":1.5,"item_score":0.5,"device":"tv","hour":3}}',
            b"{}",
            b'{"arguments":{' + other + b"}}",
            b'{"arguments":{"hour":1,' + other + b"}}",
            b'{"id":"' + b"x" * 1000 + b'","arguments":{"hour":1}}',
        ]
    )
    rows = _rows(random_, size, len(row) + 1)
    return Sent("Openscoring batch", f"{DIALECT}/batch", b'{"requests":[' + b",".join([row] * rows) + b"]}")


def evaluate(random_: random.Random, size: int) -> Sent:
    """One record with many arguments, or with a long one."""
    if random_.random() < 0.5:
        arguments = b",".join(b'"%x":1' % number for number in range(size // 11))
    else:
        arguments = b'"device":"' + b"x" * size + b'"'
    return Sent("Openscoring record", DIALECT, b'{"arguments":{"hour":1,' + arguments + b"}}")


def rank(random_: random.Random, size: int) -> Sent:
    """A request to rank, with names for the candidates."""
    rows = _rows(random_, size, 20)
    context = [
        {"name": name, "datatype": datatype, "shape": [1], "data": [value]}
        for name, (datatype, value) in COLUMNS.items()
        if name != "item_score"
    ]
    candidates = b'[{"name":"item_score","datatype":"FP64","shape":[%d],"data":' % rows
    items = b",".join([random_.choice([b"1", b'"item"'])] * rows)
    body = b'{"k":%d,"context":%s,"candidates":' % (random_.choice([1, 10, rows]), json.dumps(context).encode())
    body += candidates + _numbers("FP64", 0.5, rows) + b'}],"items":[' + items + b"]}"
    return Sent("V2 rank", RANK, body)


def wide(random_: random.Random, size: int) -> Sent:
    """Rows for a model of a thousand outputs: a small request, a huge answer."""
    rows = random_.randint(1, 100_000)
    body = b'{"inputs":[{"name":"x","datatype":"FP64","shape":[%d],"data":' % rows + _numbers("FP64", 1.5, rows)
    binary_ = b',"parameters":{"binary_data_output":true}' if random_.random() < 0.5 else b""
    if random_.random() < 0.3:
        table = b"x\n" + b"1.5\n" * rows
        return Sent("wide answer", "/openscoring/model/wide/csv", table, {"Content-Type": "text/plain"})
    return Sent("wide answer", "/v2/models/wide/infer", body + b"}]" + binary_ + b"}")


def packed(random_: random.Random, size: int) -> Sent:
    """Any of these in gzip or deflate; sometimes cut short, sometimes with spaces that unpack to far more."""
    sent = random_.choice(HTTP_MAKERS)(random_, size)
    body = sent.body if random_.random() < 0.5 else sent.body + b" " * random_.randint(0, 256 << 20)
    coding, bits = random_.choice([("gzip", 31), ("deflate", 15)])
    packer = zlib.compressobj(1, wbits=bits)
    body = packer.compress(body) + packer.flush()
    if random_.random() < 0.2:
        body = body[: random_.randrange(len(body))]
    headers = sent.headers | {"Content-Encoding": coding, "Accept-Encoding": random_.choice(["gzip", "deflate", "*"])}
    return Sent("compressed", sent.path, body, headers)


def grpc_raw(random_: random.Random, size: int) -> Sent:
    """V2 over gRPC with raw contents."""
    rows = _rows(random_, size, 30)
    message = inference_pb2.ModelInferRequest(model_name="ranker")
    for name, (datatype, _) in COLUMNS.items():
        message.inputs.add(name=name, datatype=datatype, shape=[rows])
        one = {"FP64": struct.pack("<d", 1.5), "INT64": struct.pack("<q", 3)}.get(datatype, b"\x02\x00\x00\x00tv")
        message.raw_input_contents.append(one * rows)
    return Sent("gRPC raw", GRPC_INFER, message.SerializeToString(), grpc=True)


def grpc_typed(random_: random.Random, size: int) -> Sent:
    """V2 over gRPC with typed contents, in which a value may take one byte."""
    rows = _rows(random_, size, 21)
    message = inference_pb2.ModelInferRequest(model_name="ranker")
    for name, (datatype, _) in COLUMNS.items():
        tensor = message.inputs.add(name=name, datatype=datatype, shape=[rows])
        if datatype == "FP64":
            tensor.contents.fp64_contents.extend([1.5] * rows)
        elif datatype == "INT64":
            tensor.contents.int64_contents.extend([3] * rows)
        else:
            tensor.contents.bytes_contents.extend([random_.choice([b"", b"t"])] * rows)
    return Sent("gRPC typed", GRPC_INFER, message.SerializeToString(), grpc=True)


def grpc_parts(random_: random.Random, size: int) -> Sent:
    """Messages of very many parts: inputs, parameters, shapes, fields that nobody knows."""
    part = random_.choice(
        [
            b"\x2a\x00",  # an empty input
            b"\x2a\x02\x1a\x00",  # an input with an empty shape
            b"\x2a\x04\x2a\x02\x32\x00",  # an input with contents of one empty text
            b"\x22\x00",  # an empty parameter
            b"\x22\x03\x0a\x01x",  # a parameter
            b"\x32\x00",  # an empty output
            b"\x3a\x00",  # empty raw contents
            b"\xa0\x06\x01",  # a number that nobody knows
            b"\xa2\x06\x00",  # bytes that nobody knows
            b"\xa3\x06\xa4\x06",  # a group that nobody knows
        ]
    )
    return Sent("gRPC parts", GRPC_INFER, b"\x0a\x06ranker" + part * (size // len(part)), grpc=True)


def grpc_rank(random_: random.Random, size: int) -> Sent:
    """A request to rank over gRPC, with ids or names."""
    rows = _rows(random_, size, 12)
    body = b"\x0a\x06ranker\x20" + _varint(random_.choice([1, 10, rows]))
    for name, (datatype, value) in COLUMNS.items():
        tensor = inference_pb2.ModelInferRequest.InferInputTensor(name=name, datatype=datatype)
        tensor.shape.append(rows if name == "item_score" else 1)
        contents = {"FP64": "fp64_contents", "INT64": "int64_contents", "BYTES": "bytes_contents"}[datatype]
        one = value.encode() if isinstance(value, str) else value
        getattr(tensor.contents, contents).extend([one] * tensor.shape[0])
        body += _field(6 if name == "item_score" else 5, tensor.SerializeToString())
    body += _field(7, b"\x01" * rows) if random_.random() < 0.5 else _field(8, b"") * rows
    return Sent("gRPC rank", GRPC_RANK, body, grpc=True)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def grpc_wide(random_: random.Random, size: int) -> Sent:
    """Rows over gRPC for a model of a thousand outputs."""
    rows = random_.randint(1, 100_000)
    message = inference_pb2.ModelInferRequest(model_name="wide")
    message.inputs.add(name="x", datatype="FP64", shape=[rows])
    if random_.random() < 0.5:
        message.raw_input_contents.append(struct.pack("<d", 1.5) * rows)
    else:
        message.inputs[0].contents.fp64_contents.extend([1.5] * rows)
    return Sent("wide answer, gRPC", GRPC_INFER, message.SerializeToString(), grpc=True)


HTTP_MAKERS: tuple[Maker, ...] = (
    json_flat, json_nested, json_texts, json_unread, json_inputs, binary, csv, batch, evaluate, rank, wide,
)  # fmt: skip
MAKERS: tuple[Maker, ...] = (
    *HTTP_MAKERS, packed, grpc_raw, grpc_typed, grpc_parts, grpc_rank, grpc_wide,
)  # fmt: skip
