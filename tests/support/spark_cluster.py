"""A standalone cluster of Spark on loopback, from the wheel: a master and workers in processes of their own."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

_START_S = 120.0
_DEFAULTS = "spark.scheduler.minRegisteredResourcesRatio 1.0\n"
"""Nothing is scheduled before every executor is there, so that all of them get something to do."""


@contextmanager
def spark_cluster(folder: Path, workers: int = 2) -> Iterator[dict[str, str]]:
    """Runs a cluster while the block does.

    Args:
        folder: For logs, and for what its processes write.
        workers: How many, of one core each.

    Yields:
        The environment of a driver: its master as `PILLION_SPARK_MASTER`, and defaults.
    """
    import pyspark

    home = Path(pyspark.__file__).parent
    (folder / "conf").mkdir(parents=True)
    (folder / "conf/spark-defaults.conf").write_text(_DEFAULTS)
    environment = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_CONF_DIR": str(folder / "conf")}
    own = {**os.environ, **environment, "SPARK_HOME": str(home), "SPARK_LOCAL_DIRS": str(folder / "local")}
    common = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
    with ExitStack() as stack:

        def start(name: str, ready: str, role: str, *arguments: str) -> str:
            log = stack.enter_context((folder / f"{name}.log").open("w"))
            command = [str(home / "bin/spark-class"), f"org.apache.spark.deploy.{role}", *common, *arguments]
            process = subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            stack.callback(_stop, process)
            return _await(process, ready, log)

        master = start("master", r"Starting Spark master at (\S+)", "master.Master")
        for number in range(workers):
            options = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work{number}"), master]
            start(f"worker{number}", r"Successfully registered with master (\S+)", "worker.Worker", *options)
        yield {**environment, "PILLION_SPARK_MASTER": master}


def _await(process: "subprocess.Popen[str]", ready: str, log: IO[str]) -> str:
    """Reads what a process says until it is ready, and goes on reading behind."""
    assert process.stdout is not None
    watch = threading.Timer(_START_S, process.kill)
    watch.start()
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(ready, line):
            watch.cancel()
            threading.Thread(target=_copy, args=(process.stdout, log), daemon=True).start()
            return found[1]
    raise AssertionError("".join(said))


def _copy(lines: IO[str], log: IO[str]) -> None:
    for line in lines:
        if not log.closed:
            log.write(line)


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.wait(60)
