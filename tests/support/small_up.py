"""A supervisor of the real PostgreSQL and Valkey with small stand-ins for our own processes.

`python -m tests.support.small_up DATA PORT` prints `ready` and runs until a signal.
"""

import sys
import threading
from pathlib import Path

from deploy.local.embedded.children import Program
from deploy.local.environment import Address
from deploy.local.processes import Supervisor

WEB = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
WORKER = "import threading; threading.Event().wait()"


def programs(data, settings, address):
    """A web process, started by command, that says yes to everything, and a worker, forked where that can be, that
    waits."""
    commands = {"web": (WEB, str(address.port)), "worker": (WORKER,)}
    return [
        Program(
            name=name,
            command=(sys.executable, "-c", *rest),
            log=data / "log" / f"{name}.log",
            env=settings,
            call=threading.Event().wait if name == "worker" else None,
        )
        for name, rest in commands.items()
    ]


def main() -> None:
    supervisor = Supervisor(Path(sys.argv[1]), Address("127.0.0.1", int(sys.argv[2])), programs=programs)
    supervisor.on_signals()
    supervisor.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    supervisor.run()


if __name__ == "__main__":
    main()
