"""`pillion demo`: the main job on real data, and proof that it was done: train, publish, serve, break, recover."""

import logging
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pillion.cli.demo.client import Answer, Context, Shim, order, scores, show_answer, show_effects
from pillion.cli.demo.verification import parity_table
from pillion.cli.stack import Stack
from pillion.cli.terminal import NO
from pillion.config import SidecarSettings, StoreSettings
from pillion.errors import ConfigurationError
from pillion.features import read_contents
from pillion.process import ListeningProcess
from pillion.project import FILE, VARIABLE

_SCRATCH = Path("build/demo")
_CONTENTS = Path("data/movielens/contents.npz")
_USERS = (4, 34, 57)
_LOG = "requests"
_UNKNOWN_USER = 987_654_321
_EVENING: Context = {"device": "tv", "country": "DE", "referrer": "direct", "hour": 21, "weekday": 5}
_WAIT_S = 60.0


def demo(
    fast: Annotated[bool, typer.Option("--fast", help="Take the published demo models instead of training.")] = False,
    store: Annotated[str | None, typer.Option(help="URL of a Redis or Valkey to use instead of an own one.")] = None,
    models: Annotated[Path, typer.Option(help="The published demo models.")] = Path("pmml-models"),
    host: Annotated[
        str | None, typer.Option(help="Command of a host in another language, which is asked in place of the shim.")
    ] = None,
) -> None:
    """Trains in Spark, publishes, serves, asks, kills the sidecar, and shows that answers go on."""
    console = Console(highlight=False)
    logging.getLogger("pillion").setLevel(logging.ERROR)
    started = time.monotonic()
    contents = _CONTENTS
    if not fast:
        models, contents = _train(console)
    if not Demo(console, models, contents, store, host).run():
        raise typer.Exit(NO)
    console.print(f"\n[bold green]All of it was true.[/] It took {time.monotonic() - started:.0f} s.")


def _train(console: Console) -> tuple[Path, Path]:
    console.rule("Train in Spark and publish")
    models, contents = _SCRATCH / "models", _SCRATCH / _CONTENTS.name
    # A process of its own: its JVM and memory are gone before anything is served.
    code = _pillion("train", "demo", "--models", str(models), "--contents", str(contents))
    if code != 0:
        raise typer.Exit(code)
    return models, contents


def _pillion(*arguments: str, **environment: str) -> int:
    """Runs a command in a process of its own, and returns its exit status."""
    command = [sys.executable, "-c", "from pillion.cli import main; main()", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


class Demo:
    """One run over a model repository; each claim is checked, and one that is not true is named.

    Args:
        console: Where it is shown.
        models: The model repository.
        contents: What the store is filled with.
        store: URL of a store to use; None to start one.
        host: Command of the host that is asked; None for the shim.
    """

    def __init__(
        self, console: Console, models: Path, contents: Path, store: str | None, host: str | None = None
    ) -> None:
        self._console = console
        self._host = host
        self._sidecar = SidecarSettings(models=models)
        self._contents = contents
        self._store = None if store is None else StoreSettings(url=store)
        self._untrue: list[str] = []

    def run(self) -> bool:
        """Runs it; returns whether every claim was true. Nothing that it started is left running."""
        console = self._console
        console.rule(f"Start the store, the sidecar and the {'host' if self._host else 'shim'}")
        stack = Stack(self._store, self._sidecar, lambda: read_contents(self._contents), self._tell, True)
        with stack:
            process = self._process(stack)
            try:
                shim = Shim(process.start(self._tell))
                pids = [process.pid, *stack.pids]
                self._wait("the shim is ready", shim.ready)
                self._recommend(shim)
                self._change_the_moment(shim)
                self._answer_ahead(shim, stack)
                self._break_and_mend(shim, stack)
                if self._host is None:
                    # Hosts in other languages keep no log of requests to compute again.
                    self._compute_again(shim, stack)
                shim.close()
            finally:
                process.stop()
            console.rule("Parity")
            table, exact = parity_table(self._sidecar.models, stack.sidecar_address)
            console.print(table)
            self._claim("the running sidecar returns what Spark computed for the verification rows", exact)
            pids += stack.pids
        self._claim("no process was left behind", not [pid for pid in pids if Path(f"/proc/{pid}").exists()])
        for sentence in self._untrue:
            console.print(f"[bold red]Not true:[/] {sentence}")
        return not self._untrue

    def _process(self, stack: Stack) -> ListeningProcess:
        """The shim, or the host that is asked in its place."""
        from pillion.shim.process import HostProcess, ShimProcess

        places = stack.sidecar_address, stack.store_settings.url, self._sidecar.models
        project = {VARIABLE: str(self._sidecar.models / FILE)}
        if self._host is not None:
            return HostProcess(shlex.split(self._host), *places, environment=project)
        log = {"PILLION_WATCH_LOG_FOLDER": str(stack.run_folder / _LOG), "PILLION_WATCH_LOG_SHARE": "1"}
        return ShimProcess(*places, environment={**project, **log})

    def _recommend(self, shim: Shim) -> None:
        console = self._console
        console.rule("Ask for recommendations")
        for user in _USERS:
            answer = shim.ask_model(user, 5, _EVENING)
            self._show(f"User {user}, Saturday 21:00, on a tv in DE", answer)
            self._claim(
                f"user {user} got five films from the model", (answer["source"], len(answer["items"])) == ("online", 5)
            )
        answer = shim.ask_model(_USERS[0], 3, _EVENING, model="titles30")
        self._show(f"User {_USERS[0]}, model titles30: a probability per film of thirty", answer)
        self._claim(
            "the multinomial model ranked its films", answer["source"] == "online" and len(answer["items"]) == 3
        )
        answer = shim.ask_model(_UNKNOWN_USER, 3, _EVENING)
        self._show("A user whom the store does not know", answer)
        self._claim("an unknown user got films as well", len(answer["items"]) == 3)

    def _change_the_moment(self, shim: Shim) -> None:
        console = self._console
        console.rule("Another hour, weekday, device")
        user = _USERS[0]
        films = order(shim.ask_model(user, 100, _EVENING))
        changes: dict[str, Context] = {
            "Sat 21:00 tv": {},
            "Sat 09:00 tv": {"hour": 9},
            "Wed 21:00 tv": {"weekday": 2},
            "Sat 21:00 mobile": {"device": "mobile"},
        }
        answers = {name: shim.ask_model(user, 100, {**_EVENING, **change}, films) for name, change in changes.items()}
        first, *others = answers
        shown = {
            name: {**answer, "items": answer["items"][:8] if name == first else answer["items"]}
            for name, answer in answers.items()
        }
        console.print(show_effects(shown))
        console.print(
            "Hour and weekday are real: they come from MovieLens' time stamps. Device, country and referrer are\n"
            "synthetic: a seeded generator made them, so their effect says nothing of people.",
            soft_wrap=True,
        )
        for name in others:
            moved = order(answers[name]) != order(answers[first])
            self._claim(f"'{name}' changed probabilities", scores(answers[name]) != scores(answers[first]))
            places = sum(a != b for a, b in zip(order(answers[name]), order(answers[first]), strict=True))
            console.print(f"  {name}: {places} of {len(films)} places of the ranking hold another film")
            self._claim(f"'{name}' changed the ranking", moved)

    def _answer_ahead(self, shim: Shim, stack: Stack) -> None:
        console = self._console
        console.rule("Compute every user's answer ahead")
        moment = [word for name, value in _EVENING.items() for word in ("--online", f"{name}={value}")]
        models = self._sidecar.models
        code = _pillion(
            "batch", "--models", str(models), "--config", str(models / FILE), "--model", "ranker", *moment,
            PILLION_STORE_URL=stack.store_settings.url, PILLION_LOG_LEVEL="error",
        )  # fmt: skip
        self._claim("the answers of a sample are those that requests get, item by item", code == 0)
        self._wait("the shim reads them", lambda: shim.batch_run() is not None)

    def _break_and_mend(self, shim: Shim, stack: Stack) -> None:
        console = self._console
        console.rule("Kill the sidecar")
        sidecar = stack.sidecar_process
        assert sidecar is not None
        before = order(shim.ask_model(_USERS[0], 6, _EVENING))
        sidecar.kill()
        answer = shim.ask(_USERS[0], 5, _EVENING)
        self._show(f"User {_USERS[0]}, the sidecar was killed", answer)
        self._claim(
            "the user's answers went on: the same films, computed ahead, with the reason and their age",
            (answer["source"], order(answer)) == ("batch", before[:5]) and bool(answer["reason"]),
        )
        _pillion("features", "seen", str(_USERS[0]), str(before[0]), PILLION_STORE_URL=stack.store_settings.url)
        answer = shim.ask(_USERS[0], 5, _EVENING)
        self._show(f"User {_USERS[0]}, who has seen the first of them since", answer)
        self._claim("what was seen since is left out", (answer["source"], order(answer)) == ("batch", before[1:6]))
        answer = shim.ask(_UNKNOWN_USER, 5, _EVENING)
        self._show("A user whom the store does not know", answer)
        self._claim(
            "an unknown user's went on from what is popular",
            answer["source"] in ("segment", "popular") and len(answer["items"]) == 5,
        )
        console.rule("Restart it")
        stack.stop_sidecar()
        stack.start_sidecar()
        began = time.monotonic()
        answer = shim.ask_model(_USERS[0], 5, _EVENING)
        self._show(f"User {_USERS[0]}, {time.monotonic() - began:.1f} s after the sidecar was back", answer)
        self._claim("the model was back", answer["source"] == "online")

    def _compute_again(self, shim: Shim, stack: Stack) -> None:
        self._console.rule("Compute what was served again, in Spark")
        models = self._sidecar.models
        code = _pillion(
            "replay", str(stack.run_folder / _LOG), "--models", str(models), "--config", str(models / FILE),
            PILLION_STORE_URL=stack.store_settings.url,
        )  # fmt: skip
        self._claim("every score that was served is Spark's, to the bit", code == 0)
        self._wait("the shim knows of it", lambda: shim.parity() is not None)

    def _wait(self, what: str, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + _WAIT_S
        while not condition():
            if time.monotonic() > end:
                raise ConfigurationError(f"waited {_WAIT_S:.0f} s, and it is not so that {what}")
            time.sleep(0.1)
        self._tell(what)

    def _show(self, title: str, answer: Answer) -> None:
        table, sentence = show_answer(title, answer)
        self._console.print(table)
        self._console.print(sentence, soft_wrap=True)

    def _tell(self, text: str) -> None:
        self._console.print(f"  [dim]{text}[/]")

    def _claim(self, sentence: str, true: bool) -> None:
        self._console.print(f"  [green]✓[/] {sentence}" if true else f"  [red]✗[/] {sentence}")
        if not true:
            self._untrue.append(sentence)
