"""A runtime of MLServer that has JPMML-Evaluator score a PMML document, by the evaluator's own Python package."""

import pandas
from jpmml_evaluator import make_evaluator
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput
from mlserver.utils import get_model_uri


class PmmlRuntime(MLModel):  # type: ignore[misc]  # MLServer has an environment of its own
    """One document; answers with its probabilities, or with the outputs that the request names."""

    async def load(self) -> bool:
        """Reads the document."""
        self._evaluator = make_evaluator(await get_model_uri(self._settings), backend="jpype")
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Scores a request's rows."""
        columns = {}
        for tensor in payload.inputs:
            codec = StringCodec if tensor.datatype == "BYTES" else NumpyCodec
            values = codec.decode_input(tensor)
            columns[tensor.name] = values if isinstance(values, list) else values.ravel()
        # One thread, as every other route of the benchmark has.
        scored = self._evaluator.evaluateAll(pandas.DataFrame(columns), parallelism=1)
        wanted = [output.name for output in payload.outputs or []]
        outputs = [
            ResponseOutput(name=name, shape=[len(scored)], datatype="FP64", data=scored[name].astype(float).tolist())
            for name in wanted
        ]
        return InferenceResponse(model_name=self.name, outputs=outputs)
