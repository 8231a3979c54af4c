from pillion.scoring.stubs import inference_pb2 as _inference_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RankRequest(_message.Message):
    __slots__ = ("model_name", "model_version", "id", "k", "context", "candidates", "item_ids", "item_names", "raw_input_contents", "explain", "table_item_ids", "table_item_names", "parameters", "table_list", "table_list_size", "excluded_item_ids", "excluded_item_names", "feature_version", "item_defaults", "user_vector", "item_vector")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _inference_pb2.InferParameter
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_inference_pb2.InferParameter, _Mapping]] = ...) -> None: ...
    MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_NAMES_FIELD_NUMBER: _ClassVar[int]
    RAW_INPUT_CONTENTS_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    TABLE_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    TABLE_ITEM_NAMES_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    TABLE_LIST_FIELD_NUMBER: _ClassVar[int]
    TABLE_LIST_SIZE_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_ITEM_NAMES_FIELD_NUMBER: _ClassVar[int]
    FEATURE_VERSION_FIELD_NUMBER: _ClassVar[int]
    ITEM_DEFAULTS_FIELD_NUMBER: _ClassVar[int]
    USER_VECTOR_FIELD_NUMBER: _ClassVar[int]
    ITEM_VECTOR_FIELD_NUMBER: _ClassVar[int]
    model_name: str
    model_version: str
    id: str
    k: int
    context: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelInferRequest.InferInputTensor]
    candidates: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelInferRequest.InferInputTensor]
    item_ids: _containers.RepeatedScalarFieldContainer[int]
    item_names: _containers.RepeatedScalarFieldContainer[str]
    raw_input_contents: _containers.RepeatedScalarFieldContainer[bytes]
    explain: bool
    table_item_ids: _containers.RepeatedScalarFieldContainer[int]
    table_item_names: _containers.RepeatedScalarFieldContainer[str]
    parameters: _containers.MessageMap[str, _inference_pb2.InferParameter]
    table_list: str
    table_list_size: int
    excluded_item_ids: _containers.RepeatedScalarFieldContainer[int]
    excluded_item_names: _containers.RepeatedScalarFieldContainer[str]
    feature_version: int
    item_defaults: _containers.RepeatedCompositeFieldContainer[_inference_pb2.ModelInferRequest.InferInputTensor]
    user_vector: str
    item_vector: str
    def __init__(self, model_name: _Optional[str] = ..., model_version: _Optional[str] = ..., id: _Optional[str] = ..., k: _Optional[int] = ..., context: _Optional[_Iterable[_Union[_inference_pb2.ModelInferRequest.InferInputTensor, _Mapping]]] = ..., candidates: _Optional[_Iterable[_Union[_inference_pb2.ModelInferRequest.InferInputTensor, _Mapping]]] = ..., item_ids: _Optional[_Iterable[int]] = ..., item_names: _Optional[_Iterable[str]] = ..., raw_input_contents: _Optional[_Iterable[bytes]] = ..., explain: _Optional[bool] = ..., table_item_ids: _Optional[_Iterable[int]] = ..., table_item_names: _Optional[_Iterable[str]] = ..., parameters: _Optional[_Mapping[str, _inference_pb2.InferParameter]] = ..., table_list: _Optional[str] = ..., table_list_size: _Optional[int] = ..., excluded_item_ids: _Optional[_Iterable[int]] = ..., excluded_item_names: _Optional[_Iterable[str]] = ..., feature_version: _Optional[int] = ..., item_defaults: _Optional[_Iterable[_Union[_inference_pb2.ModelInferRequest.InferInputTensor, _Mapping]]] = ..., user_vector: _Optional[str] = ..., item_vector: _Optional[str] = ...) -> None: ...

class RankResponse(_message.Message):
    __slots__ = ("model_name", "model_version", "id", "parameters", "item_ids", "item_names", "rows", "scores", "unscored", "explanations", "candidates", "feature_version", "seen_share")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _inference_pb2.InferParameter
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_inference_pb2.InferParameter, _Mapping]] = ...) -> None: ...
    MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_NAMES_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    UNSCORED_FIELD_NUMBER: _ClassVar[int]
    EXPLANATIONS_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    FEATURE_VERSION_FIELD_NUMBER: _ClassVar[int]
    SEEN_SHARE_FIELD_NUMBER: _ClassVar[int]
    model_name: str
    model_version: str
    id: str
    parameters: _containers.MessageMap[str, _inference_pb2.InferParameter]
    item_ids: _containers.RepeatedScalarFieldContainer[int]
    item_names: _containers.RepeatedScalarFieldContainer[str]
    rows: _containers.RepeatedScalarFieldContainer[int]
    scores: _containers.RepeatedScalarFieldContainer[float]
    unscored: int
    explanations: _containers.RepeatedCompositeFieldContainer[Explanation]
    candidates: int
    feature_version: int
    seen_share: float
    def __init__(self, model_name: _Optional[str] = ..., model_version: _Optional[str] = ..., id: _Optional[str] = ..., parameters: _Optional[_Mapping[str, _inference_pb2.InferParameter]] = ..., item_ids: _Optional[_Iterable[int]] = ..., item_names: _Optional[_Iterable[str]] = ..., rows: _Optional[_Iterable[int]] = ..., scores: _Optional[_Iterable[float]] = ..., unscored: _Optional[int] = ..., explanations: _Optional[_Iterable[_Union[Explanation, _Mapping]]] = ..., candidates: _Optional[int] = ..., feature_version: _Optional[int] = ..., seen_share: _Optional[float] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("method", "scale", "base", "total", "contributions")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    method: str
    scale: str
    base: float
    total: float
    contributions: _containers.RepeatedCompositeFieldContainer[Contribution]
    def __init__(self, method: _Optional[str] = ..., scale: _Optional[str] = ..., base: _Optional[float] = ..., total: _Optional[float] = ..., contributions: _Optional[_Iterable[_Union[Contribution, _Mapping]]] = ...) -> None: ...

class Contribution(_message.Message):
    __slots__ = ("fields", "columns", "value")
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    fields: _containers.RepeatedScalarFieldContainer[str]
    columns: _containers.RepeatedScalarFieldContainer[str]
    value: float
    def __init__(self, fields: _Optional[_Iterable[str]] = ..., columns: _Optional[_Iterable[str]] = ..., value: _Optional[float] = ...) -> None: ...
