"""What the demo asks of a running shim, and how it shows the answers."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
from rich import box
from rich.table import Table

Answer = dict[str, Any]
Context = Mapping[str, str | int]
_PATIENCE_S = 20.0


class Shim:
    """A client of a running shim.

    Args:
        address: `http://HOST:PORT`.
    """

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=10.0, trust_env=False)

    def ask(
        self, user_id: int, k: int, context: Context, candidates: list[int] | None = None, model: str | None = None
    ) -> Answer:
        """Asks for recommendations; raises `httpx.HTTPError` where the answer is not 200."""
        body = {"user_id": user_id, "k": k, "context": context, "candidates": candidates, "model": model}
        response = self._client.post("/v1/recommendations", json=body)
        response.raise_for_status()
        answer: Answer = response.json()
        return answer

    def ask_model(
        self, user_id: int, k: int, context: Context, candidates: list[int] | None = None, model: str | None = None
    ) -> Answer:
        """Asks until the model answers, or 20 s have gone; returns the last answer."""
        end = time.monotonic() + _PATIENCE_S
        while True:
            answer = self.ask(user_id, k, context, candidates, model)
            if answer["source"] == "online" or time.monotonic() > end:
                return answer
            time.sleep(0.05)

    def ready(self) -> bool:
        """Whether every request can be answered with items, and both dependencies answer."""
        body = self._client.get("/readyz").json()
        return bool(body["ready"]) and set(body["dependencies"].values()) == {"up"}

    def batch_run(self) -> int | None:
        """Which run of batch inference the shim's workers read answers of; None where not all read the same one."""
        status = self._client.get("/v1/status").json()
        batches = [worker["batch"] for worker in (status, *status["others"])]
        runs = {None if batch is None else int(batch["run"]) for batch in batches}
        return runs.pop() if len(runs) == 1 else None

    def parity(self) -> tuple[int, int] | None:
        """How many served requests were computed again, of how many; None where the shim knows of no replay."""
        found = self._client.get("/v1/status").json()["watch"]["parity"]
        return None if found is None else (int(found["checked"]), int(found["served"]))

    def close(self) -> None:
        """Gives the connection back."""
        self._client.close()


def show_answer(title: str, answer: Answer) -> tuple[Table, str]:
    """Returns an answer as a table of titles and probabilities, and a sentence: where it came from, what it took."""
    t = answer["timings_ms"]
    took = f"fetch {t['fetch']:.1f} · score {t['score']:.1f} · rank {t['rank']:.2f} · in all {t['total']:.1f} ms"
    said = f"source {answer['source']}" + (f", {answer['reason']}" if answer["reason"] else "")
    if answer["source"] == "batch":
        said += f", computed {answer['feature_age_s']:.0f} s ago"
    by = "" if answer["model"] is None else f" · {answer['model']} {answer['version']}"
    engine = by + (f" on {answer['engine']}" if answer["engine"] else "")
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("", justify="right")
    table.add_column("film", min_width=44, max_width=44, no_wrap=True)
    table.add_column("probability", justify="right")
    for place, item in enumerate(answer["items"], 1):
        score = "–" if item["score"] is None else f"{item['score']:.6f}"
        table.add_row(str(place), str(item["title"]), score)
    return table, f"  {said}{engine} · {took}"


def show_effects(answers: Mapping[str, Answer]) -> Table:
    """Returns answers about the same candidates side by side: probability and rank of each, by context."""
    names = list(answers)
    ranked = {
        name: {item["item_id"]: (place, item["score"]) for place, item in enumerate(answer["items"], 1)}
        for name, answer in answers.items()
    }
    title = "The same user and films, another moment: probability (rank)"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("film", min_width=24, max_width=24, no_wrap=True)
    for name in names:
        day_and_hour, _, device = name.rpartition(" ")
        table.add_column(f"{day_and_hour}\n{device}", justify="right")
    for item in answers[names[0]]["items"]:
        cells = []
        for name in names:
            place, score = ranked[name][item["item_id"]]
            cells.append("–" if score is None else f"{score:.4f} ({place})")
        table.add_row(str(item["title"]), *cells)
    return table


def order(answer: Answer) -> list[int]:
    """The ids of an answer's items, best first."""
    return [item["item_id"] for item in answer["items"]]


def scores(answer: Answer) -> dict[int, float | None]:
    """The scores of an answer's items, by id."""
    return {item["item_id"]: item["score"] for item in answer["items"]}
