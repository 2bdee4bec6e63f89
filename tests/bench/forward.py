"""Carries a host's traffic to the servers of the machine: `python -m tests.bench.forward ADDRESS PORT …`."""

from __future__ import annotations

import signal
import sys
import threading

from tests.integration.hosts.machines import Forwarder


def main() -> None:
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    forwarders = [Forwarder(sys.argv[1], int(port), int(port)) for port in sys.argv[2:]]
    ending.wait()
    for one in forwarders:
        one.stop()


if __name__ == "__main__":
    main()
