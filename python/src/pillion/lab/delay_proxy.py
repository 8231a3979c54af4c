"""A network that is slower than this machine: a proxy that holds back what passes, as netem does.

Run as a process of its own (`python -m pillion.lab.delay_proxy NAME HOST PORT ROUND_TRIP_MS JITTER_MS LOSS …`), it
listens once for each link. Threads sleep here, and not an event loop, whose timers are whole milliseconds.
"""

import contextlib
import queue
import random
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

RETRANSMISSION_S = 0.2
"""What a lost segment costs: the shortest time after which Linux sends it again."""
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Network:
    """How a link holds back what passes.

    Attributes:
        round_trip_s: Of which each direction has half.
        jitter_s: A direction's delay varies by up to half of it, either way.
        loss: The share of pieces that are lost once, and sent again.
    """

    round_trip_s: float
    jitter_s: float = 0.0
    loss: float = 0.0

    def delay_s(self, draw: Callable[[], float] = random.random) -> float:
        """Returns for how long a piece is held back in one direction; `draw` gives numbers from 0 to 1."""
        varied = self.round_trip_s / 2 + (draw() - 0.5) * self.jitter_s
        lost = RETRANSMISSION_S if self.loss and draw() < self.loss else 0.0
        return max(0.0, varied) + lost


def _pump(source: socket.socket, target: socket.socket, network: Network) -> None:
    """Passes on one direction, in order, each piece when it is due."""
    pieces: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

    def send() -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = pieces.get()
                if (wait := due - time.monotonic()) > 0:
                    time.sleep(wait)
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)

    threading.Thread(target=send, daemon=True).start()
    due = 0.0
    data = b" "
    while data:
        try:
            data = source.recv(_BLOCK)
        except OSError:
            data = b""
        due = max(due, time.monotonic() + network.delay_s())
        pieces.put((due, data))


def _serve(listener: socket.socket, upstream: tuple[str, int], network: Network) -> None:
    while True:
        client, _ = listener.accept()
        try:
            server = socket.create_connection(upstream)
        except OSError:
            client.close()
            continue
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=_pump, args=(source, target, network), daemon=True).start()


def main(*arguments: str) -> None:
    """Listens until standard input ends."""
    for at in range(0, len(arguments), 6):
        name, host, port, round_trip, jitter, loss = arguments[at : at + 6]
        network = Network(float(round_trip) / 1000, float(jitter) / 1000, float(loss))
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=_serve, args=(listener, (host, int(port)), network), daemon=True).start()
        print(f"LISTENING {name} 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    print("LISTENING ready links", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
