"""A real Kannel on loopback: bearerbox, smsbox and a fake SMS centre, from `deploy/kannel/kannel.conf`."""

import os
import shutil
import signal
import socket
import string
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "deploy" / "kannel" / "kannel.conf"
FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/kannel/test", "/usr/local/lib/kannel/test")
PATH = os.pathsep.join([os.environ.get("PATH", ""), *FOLDERS])
USERNAME, PASSWORD, SENDER = "ruta", "a-password-for-one-test", "8070"


def program(name):
    return shutil.which(name, path=PATH)


def is_installed():
    """Whether the Debian packages kannel and kannel-extras are there."""
    return all(program(name) for name in ("bearerbox", "smsbox", "fakesmsc"))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until(condition, what, seconds=20):
    """Poll until `condition()` is true; its value."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Gateway:
    """The three boxes. `received()` is what phones got; `answer()` is a phone that writes."""

    folder: Path
    notifications_url: str
    secret: str
    ports: dict = field(
        default_factory=lambda: {name: free_port() for name in ("admin", "smsbox", "smsc", "sendsms")}
    )
    processes: list = field(default_factory=list)

    @property
    def sendsms_url(self):
        return f"http://127.0.0.1:{self.ports['sendsms']}/cgi-bin/sendsms"

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "spool").mkdir(exist_ok=True)
        config = self.folder / "kannel.conf"
        config.write_text(string.Template(CONFIG.read_text()).substitute(self._values()))
        self._spawn("bearerbox", "-v", "1", str(config))
        wait_until(lambda: self._open("smsbox"), "bearerbox listens")
        self._spawn("smsbox", "-v", "1", str(config))
        wait_until(
            lambda: self._open("sendsms") and "smsbox" in self._status().partition("Box connections")[2],
            "smsbox is connected",
        )
        self._spawn(
            "fakesmsc",
            "-H",
            "127.0.0.1",
            "-r",
            str(self.ports["smsc"]),
            "-m",
            "0",
            f"{SENDER} {SENDER} text x",
        )
        wait_until(lambda: "(online" in self._status(), "the SMS centre is connected")
        return self

    def _values(self):
        return {
            "KANNEL_ADMIN_PORT": self.ports["admin"],
            "KANNEL_ADMIN_PASSWORD": PASSWORD,
            "KANNEL_SMSBOX_PORT": self.ports["smsbox"],
            "KANNEL_BOX_ALLOW_IP": "127.0.0.1",
            "KANNEL_SPOOL": self.folder / "spool",
            "KANNEL_SMSC_PORT": self.ports["smsc"],
            "KANNEL_BEARERBOX_HOST": "127.0.0.1",
            "KANNEL_SENDSMS_PORT": self.ports["sendsms"],
            "KANNEL_SMS_FROM": SENDER,
            "KANNEL_USERNAME": USERNAME,
            "KANNEL_PASSWORD": PASSWORD,
            "KANNEL_SENDER_ALLOW_IP": "127.0.0.1",
            "NOTIFICATIONS_URL": self.notifications_url,
            "KANNEL_DLR_SECRET": self.secret,
        }

    def _spawn(self, name, *arguments):
        self.processes.append(self._process(name, *arguments))

    def _process(self, name, *arguments):
        log = (self.folder / f"{name}.log").open("ab")
        return subprocess.Popen(
            [program(name), *arguments], stdout=log, stderr=log, cwd=self.folder, start_new_session=True
        )

    def answer(self, number, text):
        """The phone `number` writes `text`; from then on phones listen again."""
        phones = self.processes.pop()
        phones.send_signal(signal.SIGKILL)
        phones.wait(10)
        message = f"{number} {SENDER} text {text}"
        self.processes.append(
            self._process(
                "fakesmsc", "-H", "127.0.0.1", "-r", str(self.ports["smsc"]), "-m", "1", "-i", "0.1", message
            )
        )

    def _open(self, port):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.ports[port])) == 0

    def _status(self):
        address = f"http://127.0.0.1:{self.ports['admin']}/status.txt"
        try:
            return requests.get(address, params={"password": PASSWORD}, timeout=2).text
        except requests.RequestException:
            return ""

    def received(self):
        """What phones got, as the SMS centre wrote it down."""
        log = (self.folder / "fakesmsc.log").read_text(errors="replace")
        return [line.partition("Got message")[2] for line in log.splitlines() if "Got message" in line]

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(10)
        self.processes.clear()
