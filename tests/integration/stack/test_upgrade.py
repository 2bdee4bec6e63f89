"""A release that was in use, upgraded: its backup is put back by this release, which goes on where that one stopped.

The backup was made by the release of its name, with the sample directory: six sample cases that its workers had acted
on, and four more that waited for them. The keys are kept beside it, for everybody in it is invented.
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests

from deploy.local.embedded import credentials
from deploy.local.embedded.ports import free_port
from deploy.local.operations.place import place_of
from shared.identity.tokens import mint
from shared.ids import new_id
from shared.web.actor import Actor
from tests.chaos.cases import stable_id
from tests.integration.stack.test_up import ROOT, ruta, wait_until

RELEASES = ROOT / "tests" / "data" / "releases"
SAMPLES = ROOT / "services" / "intake" / "samples" / "assessments.ndjson"
CASES = [json.loads(line) for line in SAMPLES.read_text().splitlines()[:10]]
WAITING = [case for case in CASES[6:] if case["consent"]["share"] == "granted"]
SENDER = stable_id("sender", 0, 0)


@pytest.fixture(params=sorted(file.stem for file in RELEASES.glob("*.backup")))
def data(request, tmp_path):
    """A data folder with what that release left, restored by this one."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secrets.env").write_text((RELEASES / f"{request.param}.keys").read_text())
    done = ruta("restore", RELEASES / f"{request.param}.backup", "--yes", "--resume", "--data", folder)
    assert done.returncode == 0, done.stderr
    return folder


@contextmanager
def running(data):
    """This release at work on `data`; gives what a focal point of the sending organization reads at a path below
    `/intake/api/v1/assessments/`: a colleague, or who registered the case."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    secret_key = credentials.read(data / "secrets.env")["SECRET_KEY"]

    def ready():
        try:
            names = ("intake", "referral", "notifications")
            return all(requests.get(f"{url}/{name}/ready", timeout=5).status_code == 200 for name in names)
        except requests.RequestException:
            return False

    def read(path, account_id=None):
        actor = Actor(account_id or new_id(), "focal_point", SENDER, "Ejemplo", "es", new_id(), "api")
        token = mint(actor, secret_key=secret_key)
        found = requests.get(
            f"{url}/intake/api/v1/assessments/{path}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert found.status_code == 200, found.text
        return found.json()

    command = [sys.executable, "-m", "deploy.local.cli", "up", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL)
    try:
        wait_until(ready)
        yield read
    finally:
        process.terminate()
        process.wait(60)


def answered(case):
    """Whether every need that was to be referred has a referral, or a gap that says why not."""
    return all(need["referrals"] or need["gaps"] for need in case["needs"] if need["refer"])


def test_it_goes_on_where_the_earlier_release_stopped(data):
    with running(data) as read:
        for sent in WAITING:
            wait_until(lambda sent=sent: answered(read(sent["id"])))
        for sent in CASES:
            registered_by = read(sent["id"])["focal_point_id"]
            assert read(f"{sent['id']}/person", registered_by)["name"] == sent["person"]["name"]
    with place_of(data) as place, place.connect() as conn:
        dead = conn.execute("SELECT count(*) FROM bus.inbox WHERE state = 'dead'").fetchone()
    assert dead == (0,)


def test_before_it_runs_what_waited_still_waits(data):
    """Else the test above would show nothing."""
    with place_of(data) as place, place.connect() as conn:
        waiting = conn.execute(
            "SELECT subject FROM bus.inbox WHERE state = 'due' AND subscriber = 'referral'"
        ).fetchall()
    assert {f"assessment/{case['id']}" for case in WAITING} <= {subject for (subject,) in waiting}
