"""Trees in arrays of nodes: boosted ones and forests."""

from typing import BinaryIO

from pillion.lab.programs.plain_python.harness import (
    BOOSTED_LOGISTIC,
    MEAN,
    VOTES,
    Plan,
    Score,
    dot,
    logistic,
    read_array,
    read_ints,
    run,
)


def read_model(file: BinaryIO, plan: Plan) -> Score:
    """Reads the model."""
    weights, roots = read_array(file), read_ints(file)
    nodes: list[tuple[int, float, int, int, int, int]] = list(
        zip(
            read_ints(file), read_array(file), read_ints(file), read_ints(file), read_ints(file), read_ints(file),
            strict=True,
        )
    )  # fmt: skip
    goes_left, values = read_array(file), read_array(file)
    width = plan.outputs

    def leaf(root: int, features: list[float]) -> int:
        feature, threshold, left, right, first, count = nodes[root]
        while feature >= 0:
            value = features[feature]
            goes = value <= threshold if first < 0 else value < count and goes_left[first + int(value)] != 0.0
            feature, threshold, left, right, first, count = nodes[left if goes else right]
        return left

    def score(features: list[float]) -> list[float]:
        if plan.rule == VOTES:
            votes = [0.0] * width
            for root in roots:
                at = leaf(root, features) * width
                for i in range(width):
                    votes[i] += values[at + i]
            total = 0.0
            for vote in votes:
                total += vote
            return [vote / total for vote in votes]
        predictions = [values[leaf(root, features)] for root in roots]
        if plan.rule == MEAN:
            total = 0.0
            for prediction in predictions:
                total += prediction
            return [total / len(roots)]
        margin = dot(predictions, weights, plan.fused)
        return logistic(2.0 * margin) if plan.rule == BOOSTED_LOGISTIC else [margin]

    return score


if __name__ == "__main__":
    run(read_model)
