"""A child forked from this process, which has already imported what the child needs.

Importing costs each of our processes one to two seconds of processor time; a fork costs milliseconds and shares the
memory. So a process that dies is back at once, also on a busy machine. Where forking a process that has used the
system's own libraries is not safe (macOS), and where there is no fork (Windows), children are started by command.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CAN_FORK = sys.platform.startswith("linux")
PR_SET_NAME = 15
NAME_LENGTH = 15
LOOK_SECONDS = 0.01
OURS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2)


class Process(Protocol):
    """What the supervisor asks of a child: the part of `subprocess.Popen` that it needs."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...

    def kill(self) -> None: ...


class Forked:
    """A forked child. Exit codes as `subprocess.Popen` has them: minus the signal for one that was killed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self._code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # somebody else has waited for it
                pid, status = self.pid, 0
            if pid == self.pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return code

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@dataclass(frozen=True)
class Surroundings:
    """What a child finds: its output goes to the end of `log`, `env` is its whole environment, `folder` its working
    directory. `first` runs in it before anything else."""

    log: Path
    env: Mapping[str, str]
    folder: Path
    first: Callable[[], None] | None = None


def fork(name: str, call: Callable[[], object], around: Surroundings) -> Forked:
    """Run `call` in a child in a session of its own. Main thread only."""
    _flush()
    with _no_signals():
        pid = os.fork()
        if pid == 0:
            _live(name, call, around)
    return Forked(pid)


def freeze() -> None:
    """What has been imported stays for good: leave it out of every collection, so that its memory stays shared."""
    gc.collect()
    gc.freeze()


def _live(name: str, call: Callable[[], object], around: Surroundings) -> None:
    """The child from birth to death. Never returns: what its parent was in the middle of is none of its business."""
    code = 1
    try:
        atexit._clear()
        _settle_in(around)
        sys.argv = [name]
        _call_myself(f"ruta {name}")
        code = _outcome(call)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        _flush()
    finally:
        os._exit(code)


def _outcome(call: Callable[[], object]) -> int:
    """The exit code of `call`, as the interpreter decides it."""
    try:
        call()
    except SystemExit as asked:
        if isinstance(asked.code, str):
            sys.stderr.write(f"{asked.code}\n")
            return 1
        return asked.code or 0
    except BaseException:  # as the interpreter does at the end of a program
        traceback.print_exc()
        return 1
    return 0


def _settle_in(around: Surroundings) -> None:
    if around.first is not None:
        around.first()
    os.setsid()
    for sign in OURS:
        signal.signal(sign, signal.default_int_handler if sign == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, OURS)
    _let_go_of_files()
    nothing, end = (
        os.open(os.devnull, os.O_RDWR),
        os.open(around.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
    )
    for number, source in ((0, nothing), (1, end), (2, end)):
        os.dup2(source, number)
    os.close(nothing)
    os.close(end)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115 - for life
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    os.chdir(around.folder)
    os.environ.clear()
    os.environ.update(around.env)


def _let_go_of_files() -> None:
    """Whatever the parent has open (its lock above all) is its own. The numbers stay taken, so that an object that
    closes one of them later closes nothing of ours."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in [int(entry) for entry in os.listdir("/proc/self/fd")]:
        if number > 2 and number != nothing:
            with contextlib.suppress(OSError):  # the one that listed the folder
                os.fstat(number)
                os.dup2(nothing, number, inheritable=False)
    os.close(nothing)


def _call_myself(name: str) -> None:
    """How `ps` and `top` show this process."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:NAME_LENGTH], 0, 0, 0)


@contextlib.contextmanager
def _no_signals() -> Iterator[None]:
    """A signal that arrives in here is handled afterwards: by the child's own rules in the child."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, OURS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
