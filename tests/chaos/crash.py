"""One step of the product in a process of its own, which the armed fail-point kills: see test_crash_points.

Usage: python -m tests.chaos.crash post FILE | report FILE | JOB. Settings come from the environment.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

from shared.identity.tokens import mint
from shared.ids import new_id
from shared.settings import load
from shared.web.actor import Actor
from tests.chaos import cases

PATH = "/intake/api/v1/assessments"


def worker_of(service, environment):
    """The worker of a service, as its own process makes it."""
    settings = importlib.import_module(f"services.{service}.settings").Settings
    return importlib.import_module(f"services.{service}.worker").make_worker(load(settings, environment))


def headers(environment):
    """Those of a focal point."""
    actor = Actor(new_id(), "focal_point", cases.stable_id("sender", 0, 0), "Prueba", "es", new_id(), "api")
    return {"Authorization": f"Bearer {mint(actor, secret_key=environment['SECRET_KEY'])}"}


def post(document, environment):
    """Send an assessment to the intake service in this process."""
    create_app = importlib.import_module("services.intake.app").create_app
    settings = importlib.import_module("services.intake.settings").Settings
    client = create_app(load(settings, environment)).test_client()
    return client.post(PATH, json=document, headers=headers(environment))


def report(message, environment):
    """Bring the delivery report of a message ({"reference": …}) to the notifications service in this process."""
    create_app = importlib.import_module("services.notifications.app").create_app
    settings = load(importlib.import_module("services.notifications.settings").Settings, environment)
    return create_app(settings).test_client().get(report_path(message, settings.kannel_dlr_secret))


def report_path(message, secret):
    """What the gateway calls when `message` has arrived."""
    return f"/notifications/api/v1/kannel/{secret}/reports/{message['reference']}?code=1"


def main():
    environment = dict(os.environ)
    step = {"post": post, "report": report}.get(sys.argv[1])
    if step is not None:
        step(json.loads(Path(sys.argv[2]).read_text()), environment)
    else:
        jobs = worker_of(sys.argv[1].partition(".")[0], environment).jobs
        next(job for job in jobs if job.name == sys.argv[1]).run(lambda: False)


if __name__ == "__main__":
    main()
