"""A page of the guide as what it has a reader do: files to write, commands to run, and what each prints.

A block of Python with `title="NAME"` after the language is a file to write, one of TOML what a file holds by then, and
one called `console` has commands after `$ `, with what they print below.
"""

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(r"\d[\d,.]*")
_TIMEOUT_S = 600
_READY = "LISTENING shim "
_STORE = "redis://127.0.0.1:6379/0"
"""What a page calls the store that `pillion up` starts."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the reader does or sees.

    Attributes:
        kind: `write`, `read` or `run`.
        text: The file's content, or the command.
        name: The file's.
        printed: What the command prints.
    """

    kind: str
    text: str
    name: str = ""
    printed: str = ""


def read_page(path: Path) -> list[Step]:
    """Returns the steps of a page, in order."""
    steps: list[Step] = []
    for language, name, text in _BLOCK.findall(path.read_text(encoding="utf-8")):
        if language == "console":
            steps += _commands(text)
        elif name:
            steps.append(Step("read" if language == "toml" else "write", text, name))
    return steps


def _commands(text: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        last = next(place for place, line in enumerate(lines) if not line.endswith("\\\n"))
        yield Step("run", "".join(lines[: last + 1]).strip(), printed="".join(lines[last + 1 :]))


@dataclass
class Walk:
    """A reader who follows a page in a folder, with a shell.

    Attributes:
        folder: Empty at first.
        environment: Of the commands.
        told: What each command printed, by its text.
        running: What runs beside.
        addresses: What stands for the page's addresses, once it is known.
    """

    folder: Path
    environment: Mapping[str, str]
    told: dict[str, str] = field(default_factory=dict)
    running: list["subprocess.Popen[str]"] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)

    def follow(self, step: Step) -> None:
        """Does one step; fails where something else is seen than the page says."""
        if step.kind == "write":
            (self.folder / step.name).write_text(step.text, encoding="utf-8")
        elif step.kind == "read":
            assert (self.folder / step.name).read_text(encoding="utf-8") == step.text
        elif step.text.endswith("&"):
            self._start(step)
        else:
            self._run(step)

    def _run(self, step: Step) -> None:
        command = step.text
        for known, found in self.addresses.items():
            command = command.replace(known, found)
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            cwd=self.folder, env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=_TIMEOUT_S,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        self.told[step.text] = done.stdout
        check(step.printed, done.stdout)

    def _start(self, step: Step) -> None:
        """Starts what goes on running, on a free port, and reads on until it is ready."""
        port = re.search(r"--port (\d+)", step.text)
        assert port is not None
        command = step.text.replace(port[0], "--port 0").removesuffix("&")
        process = subprocess.Popen(
            ["/bin/bash", "-c", f"exec {command}"],
            cwd=self.folder, env={**os.environ, **self.environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        self.running.append(process)
        assert process.stdout is not None
        printed = ""
        watch = threading.Timer(_TIMEOUT_S, process.kill)
        watch.start()
        while _READY not in printed and (line := process.stdout.readline()):
            printed += line
        watch.cancel()
        check(step.printed, printed)
        (address,) = re.findall(rf"{_READY}(\S+)", printed)
        self.addresses[f"http://127.0.0.1:{port[1]}"] = address
        if store := re.search(r"LISTENING store (\S+)", printed):
            self.addresses[_STORE] = store[1]

    def end(self) -> None:
        """Stops what runs."""
        for process in self.running:
            process.terminate()
            process.communicate(timeout=60)


def shape(text: str) -> str:
    """Returns a text with every number alike."""
    return _NUMBER.sub("#", text)


def check(expected: str, printed: str) -> None:
    """Compares what a command printed with the page: any number stands for any other, `…` for any text.

    Of a JSON object the keys, the types and those values that are neither numbers nor among the items are compared.
    """
    if expected.startswith("{"):
        _check_json(json.loads(expected), json.loads(printed), "")
        return
    shown = shape(printed)
    for line in filter(str.strip, expected.splitlines()):
        pattern = ".*".join(map(re.escape, shape(line.strip()).split("…")))
        assert re.search(pattern, shown), f"{line!r} is not in:\n{printed}"


def _check_json(expected: Any, found: Any, name: str) -> None:
    if isinstance(expected, dict):
        assert expected.keys() <= found.keys()
        for key, value in expected.items():
            _check_json(value, found[key], key)
    elif isinstance(expected, list):
        for value in expected:
            _check_json(value, found[0], name)
    elif isinstance(expected, str) and name not in ("request_id", "item_id", "title"):
        assert shape(expected) == shape(found)
    elif not isinstance(expected, bool | None):
        assert isinstance(found, int | float | str), f"{name}: {found!r}"
    else:
        assert expected is found, f"{name}: {found!r}"
