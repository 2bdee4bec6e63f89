"""The three services behind one port, as the reverse proxy has it elsewhere: `python -m deploy.local.web HOST PORT`.

Every service serves whole paths (`/intake/…`), so nothing is cut off on the way to it.
"""

from __future__ import annotations

import os
import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from deploy.local.routing import Wsgi, by_first_segment
from services.intake.app import create_app as intake
from services.intake.settings import Settings as IntakeSettings
from services.notifications.app import create_app as notifications
from services.notifications.settings import Settings as NotificationsSettings
from services.referral.app import create_app as referral
from services.referral.settings import Settings as ReferralSettings
from shared import logs
from shared.identity.app import create_app as identity
from shared.identity.settings import Settings as IdentitySettings
from shared.settings import load

THREADS = 32
"""What comes at the same time is stored together, so this is also the largest such set: with 8 a case costs a tenth
more under load. Threads beyond what is asked for at once are not started."""


def application() -> Wsgi:
    """The services of this process. Made in each web child, after the fork, so that nothing is shared between two."""
    logs.configure("web", level=os.environ.get("LOG_LEVEL") or "INFO")
    return by_first_segment(
        {
            "intake": intake(load(IntakeSettings)),
            "referral": referral(load(ReferralSettings)),
            "notifications": notifications(load(NotificationsSettings)),
        },
        otherwise=identity(load(IdentitySettings)),
    )


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    Granian(
        "deploy.local.web:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=1,
        blocking_threads=THREADS,
        backpressure=256,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
