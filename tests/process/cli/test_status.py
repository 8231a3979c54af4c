import subprocess
import sys


def test_status_of_a_shim_that_is_not_there_is_one_sentence_and_exit_1() -> None:
    command = [sys.executable, "-c", "import pillion.cli; pillion.cli.main()", "status", "--url", "http://127.0.0.1:9"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert run.returncode == 1
    assert run.stderr.startswith("error: the shim at http://127.0.0.1:9 does not answer")
    assert run.stderr.count("\n") == 1
