"""Hosts on the command line of `pillion parity`."""

import pytest

from pillion.cli.parity import read_hosts
from pillion.errors import InvalidInput


def test_a_host_is_a_name_and_a_command_with_its_arguments() -> None:
    given = ["go host=build/go-host", "java host, embedded = java -cp 'a b.jar:c' Host x=y"]

    assert read_hosts(given) == {
        "go host": ["build/go-host"],
        "java host, embedded": ["java", "-cp", "a b.jar:c", "Host", "x=y"],
    }


@pytest.mark.parametrize("given", [["go-host"], ["=go-host"], ["go="], ["go= "], ["go=a", "go=b"]])
def test_another_form_and_a_name_that_comes_twice_are_refused(given: list[str]) -> None:
    with pytest.raises(InvalidInput, match=r"must be NAME=COMMAND, each name once"):
        read_hosts(given)
