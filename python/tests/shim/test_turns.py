"""Whose turn it is: replies come before callers, and no caller is forgotten."""

import asyncio
import selectors
import socket

from pillion.shim.turns import DependenciesFirst


class Line:
    """A connection with something to read, at one end."""

    def __init__(self, selector, caller):
        self.near, self.far = socket.socketpair()
        if caller:
            selector.callers.add(self.near.fileno())
        selector.register(self.near, selectors.EVENT_READ)
        self.far.send(b"x")

    def close(self):
        self.near.close()
        self.far.close()


def served(selector):
    return {key.fileobj for key, _ in selector.select(0)}


def test_every_reply_is_reported_and_few_callers():
    with DependenciesFirst(at_once=3) as selector:
        callers = [Line(selector, caller=True) for _ in range(10)]
        replies = [Line(selector, caller=False) for _ in range(5)]

        found = served(selector)

        assert {line.near for line in replies} <= found
        assert len(found & {line.near for line in callers}) == 3
        for line in callers + replies:
            line.close()


def test_those_that_waited_longest_and_those_that_came_last_have_their_turn():
    with DependenciesFirst(at_once=2) as selector:
        early = [Line(selector, caller=True) for _ in range(6)]
        first = served(selector)
        for near in first:
            near.recv(1)
        late = [Line(selector, caller=True) for _ in range(6)]

        turns = [served(selector) for _ in range(2)]

        assert len(first) == 2
        left = [line.near for line in early if line.near not in first]
        assert [len(turn & set(left)) for turn in turns] == [1, 1]
        assert [len(turn & {line.near for line in late}) for turn in turns] == [1, 1]
        for line in early + late:
            line.close()


def test_nobody_is_forgotten_and_the_time_of_waiting_is_known():
    with DependenciesFirst(at_once=3) as selector:
        callers = {line.near: line for line in (Line(selector, caller=True) for _ in range(12))}
        seen, waited = set(), []
        while len(seen) < 12:
            turn = served(selector)
            waited += [selector.waited_s.get(near.fileno(), 0.0) for near in turn]
            for near in turn - seen:
                near.recv(1)
            seen |= turn

        assert seen == set(callers)
        assert all(seconds > waited[0] for seconds in waited[3:])
        assert selector.late_s == max(selector.waited_s.values()) > 0
        assert served(selector) == set()
        assert (selector.waited_s, selector.late_s) == ({}, 0.0)
        for line in callers.values():
            line.close()


def test_a_caller_that_has_gone_is_not_waited_for():
    with DependenciesFirst(at_once=1) as selector:
        callers = [Line(selector, caller=True) for _ in range(4)]
        first = served(selector)
        for line in callers[:2]:
            selector.unregister(line.near)
        seen = [served(selector) for _ in range(2)]

        assert len(first) == 1
        assert set.union(*seen) == {line.near for line in callers[2:]}
        for line in callers:
            line.close()


def test_with_few_events_it_is_a_selector_like_any_other():
    with DependenciesFirst(at_once=3) as selector:
        lines = [Line(selector, caller=True) for _ in range(3)]

        assert served(selector) == served(selector) == {line.near for line in lines}
        for line in lines:
            line.close()


def test_an_event_loop_runs_on_it():
    async def echo():
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        found = await reader.read()
        writer.close()
        server.close()
        return found

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(DependenciesFirst())) as runner:
        assert runner.run(echo()) == b""
