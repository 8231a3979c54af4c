"""A service that scores rows with one of the programs in Python: JSON in, JSON out.

Arguments: the plan, the program, such as `numpy.trees`, and what else that program is given. Prints where it listens.
"""

import importlib
import socket
import sys

import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from pillion.lab.programs.numpy.harness import Plan


class Rows(BaseModel):
    """Rows to score; null is missing."""

    rows: list[list[float | None]]


def make_app(plan_file: str, program: str) -> FastAPI:
    """Returns the service."""
    with open(plan_file, "rb") as file:
        plan = Plan(file)
        score = importlib.import_module(f"pillion.lab.programs.{program}").read_model(file, plan)
    app = FastAPI()

    @app.post("/score")
    def answer(body: Rows) -> dict[str, list[list[float]]]:
        rows = np.array(body.rows, dtype=np.float64)
        return {"outputs": score(plan.prepare(rows)).reshape(len(rows), -1).tolist()}

    return app


def main(plan_file: str, program: str, *_: str) -> None:
    """Serves until standard input ends or it is told to stop."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"LISTENING host http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server = uvicorn.Server(uvicorn.Config(make_app(plan_file, program), log_level="warning", access_log=False))
    server.run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
