"""Child processes that never outlive their parent, however it ends.

A child runs in a session of its own (Ctrl-C in the terminal reaches the parent alone, which stops its children in
order), is told by the kernel when its parent dies (Linux), and is written down with its start time, so that
the next start can find and stop what a crash left behind on any system.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.local.embedded.account import Account
from deploy.local.embedded.forked import CAN_FORK, Process, Surroundings, fork

PR_SET_PDEATHSIG = 1
SAME_START = 1.0  # seconds: resolution of a process's start time
LOG_LIMIT = 20_000_000  # bytes, after which a log is set aside


@dataclass(frozen=True)
class Program:
    """What to run. `stop_signal` asks for a soft end, within `grace` seconds; `last_signal` follows it.

    `call` does the same as `command`: where it can, the child is forked from this process and calls it."""

    name: str
    command: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: int = signal.SIGTERM
    last_signal: int = signal.SIGKILL
    grace: float = 10.0
    folder: Path = Path("/")
    call: Callable[[], object] | None = None


def spawn(program: Program) -> Process:
    """Start `program`; its output goes to the end of its log file. Main thread only."""
    set_aside(program.log)
    if program.call is not None and CAN_FORK:
        return fork(
            program.name,
            program.call,
            Surroundings(
                program.log,
                {**_system_environment(), **program.env},
                program.folder,
                first=_tied_to_parent(program.stop_signal),
            ),
        )
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**_system_environment(), **program.env},
            cwd=program.folder,
            start_new_session=True,
            preexec_fn=_tied_to_parent(program.stop_signal),  # noqa: PLW1509 (one bound C call, no locks taken)
            **(program.account.popen_arguments() if program.account else {}),
        )


def set_aside(log: Path) -> None:
    """Keep a log that has grown large as `….old`, in place of an earlier one, and begin it anew. Its writer appends,
    and so goes on where it now begins."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        shutil.copyfile(log, log.with_suffix(".old"))
        os.truncate(log, 0)


def stop(process: Process, program: Program) -> None:
    """Soft signal, then the firm one, then kill; returns when the process is gone."""
    for sign, patience in ((program.stop_signal, program.grace), (program.last_signal, 5.0)):
        if process.poll() is not None:
            return
        process.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return
    process.kill()
    process.wait()


def sweep_session(process: Process) -> None:
    """Kill what a process that died left in the session that was its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def remember(file: Path, processes: Mapping[str, Process]) -> None:
    """Write down pid and start time of every process that runs."""
    rows = []
    for name, process in processes.items():
        with contextlib.suppress(psutil.NoSuchProcess):
            rows.append(
                {"name": name, "pid": process.pid, "started": psutil.Process(process.pid).create_time()}
            )
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(rows), encoding="utf-8")
    fresh.replace(file)


def stop_leftovers(file: Path, patience: float = 10.0) -> list[str]:
    """Stop every process of an earlier run that `file` names and that still runs. Returns their names."""
    found = list(_leftovers(file))
    for _, process in found:
        for one in [process, *_descendants(process)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs([process for _, process in found], timeout=patience)
    for process in alive:
        for one in [process, *_descendants(process)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    psutil.wait_procs(alive, timeout=patience)
    file.unlink(missing_ok=True)
    return [name for name, _ in found]


def _leftovers(file: Path) -> Iterable[tuple[str, psutil.Process]]:
    """Children that still run, and what those that have died left in their sessions."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    for row in rows:
        try:
            process = psutil.Process(row["pid"])
        except psutil.NoSuchProcess:
            yield from ((row["name"], orphan) for orphan in _session_of(row["pid"]))
            continue
        with contextlib.suppress(psutil.NoSuchProcess):
            if abs(process.create_time() - row["started"]) < SAME_START:
                yield row["name"], process


def _session_of(leader: int) -> list[psutil.Process]:
    """Who still is in the session of a process that has died. No other process gets its number before they end."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == leader:
                found.append(process)
    return found


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _system_environment() -> dict[str, str]:
    """What any program may need from the machine; settings of ours are passed by name instead."""
    kept = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH")
    return {"LANG": "C.UTF-8", **{name: os.environ[name] for name in kept if name in os.environ}}


def _tied_to_parent(sign: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, sign, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie
