"""The engine in this process's own JVM, by JPype: one call a batch.

JPype starts at most one JVM in a process and can't start it again; the first `open_model` does.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jpype

from pillion.errors import ConfigurationError, InvalidInput, InvalidModel
from pillion.scoring.batch_codec import decode, encode
from pillion.scoring.scorer import EXACT_ARITHMETIC, Scores
from pillion.types import Value

# Signals stay Python's, by `-Xrs` and `interrupt=True`. The JVM would take them over: Ctrl-C would end a script
# without its `finally`, and SIGTERM a service without its own handler. With JPype's handlers, which it installs in
# notebooks and shells, SIGTERM crashes the process: they call Python from a thread that does not hold its lock.
_OPTIONS = ("-Xshare:auto", "-XX:+UseSerialGC", "-Xrs")
_starting = threading.Lock()


class InProcessModel:
    """A PMML document opened by an engine in a JVM; `bridge` is an `org.pillion.scoring.InProcess`.

    Attributes:
        engine: name of the engine that took the document.
        arithmetic: whose order of operations it keeps, and so whose bits it gives: `spark` or `jpmml`.
        contract: the document's inputs and outputs, as `{"inputs": [...], "outputs": [...]}`.
    """

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge
        self.engine = str(bridge.engine())
        self.arithmetic = str(bridge.arithmetic())
        self.contract: dict[str, Any] = json.loads(str(bridge.contractJson()))
        self._types = {field["name"]: field["type"] for field in self.contract["inputs"]}

    def score(self, columns: Mapping[str, Sequence[Value]], rows: int) -> Scores:
        """Scores `rows` rows given as columns, `None` = missing.

        Raises:
            InvalidInput: a column of the contract is absent or a value is of another type; names field and row.
        """
        absent = [name for name in self._types if name not in columns]
        if absent:
            raise InvalidInput(f"missing column {absent[0]!r}; the model needs {', '.join(self._types)}", absent[0])
        wanted = {name: columns[name] for name in self._types}
        return decode(bytes(self._bridge.score(encode(wanted, self._types, rows))))

    def prepare(self, columns: Mapping[str, Sequence[Value]], rows: int) -> Callable[[], object]:
        """Returns what scores rows that are encoded already, and leaves the reply encoded, to be timed."""
        encoded = encode({name: columns[name] for name in self._types}, self._types, rows)
        return lambda: self._bridge.score(encoded)

    def close(self) -> None:
        """Frees the document."""
        self._bridge.close()


def require_jar(jar: Path) -> None:
    """Checks that the sidecar's jar is there.

    Raises:
        ConfigurationError: it isn't.
    """
    if not jar.is_file():
        raise ConfigurationError(f"{jar}: no such file; build the sidecar first (make build)")


def start_jvm(jar: Path) -> None:
    """Starts this process's JVM with the sidecar's jar on its class path, once.

    Raises:
        ConfigurationError: the jar or a JVM is missing, or a JVM without the jar is running already.
    """
    with _starting:
        if not jpype.isJVMStarted():
            require_jar(jar)
            try:
                jpype.startJVM(*_OPTIONS, classpath=[str(jar)], convertStrings=False, interrupt=True)
            except jpype.JVMNotFoundException:
                raise ConfigurationError("no Java found: install a JDK 17 or later, or set JAVA_HOME") from None
        try:
            jpype.JClass("org.pillion.scoring.InProcess")
        except TypeError:
            raise ConfigurationError("this process's JVM was started without the sidecar's jar") from None


def installed_engines(jar: Path) -> list[str]:
    """Returns the names of the engines in the jar, in the order in which `auto` tries them."""
    start_jvm(jar)
    return [str(name) for name in jpype.JClass("org.pillion.scoring.Engines").installed().names()]


def open_model(document: bytes, engine: str, jar: Path) -> InProcessModel:
    """Opens a PMML document.

    Args:
        document: the PMML text.
        engine: `jpmml`, `compiled` or `auto`.
        jar: the sidecar's jar.

    Raises:
        InvalidModel: the engine refuses the document, and why.
        ConfigurationError: see `start_jvm`.
    """
    start_jvm(jar)
    bridge = jpype.JClass("org.pillion.scoring.InProcess")
    try:
        return InProcessModel(bridge.open(document, engine))
    except jpype.JException as refusal:
        raise InvalidModel(str(refusal.getMessage())) from None


def why_inexact(document: bytes, opened: InProcessModel, jar: Path) -> str | None:
    """Returns why a document that was opened is not computed to Spark's bits, in a sentence; None where it is.

    Args:
        document: the PMML text.
        opened: what an engine made of it.
        jar: the sidecar's jar.
    """
    if opened.arithmetic == EXACT_ARITHMETIC:
        return None
    try:
        compiled = open_model(document, "compiled", jar)
    except InvalidModel as refusal:
        return f"the compiled engine refuses the document: {refusal}"
    try:
        if compiled.arithmetic == EXACT_ARITHMETIC:
            return f"the engine '{opened.engine}' was asked for, which adds in another order than Spark"
        return "the document holds no plan of Spark's, so an engine keeps the interpreter's order of operations"
    finally:
        compiled.close()
