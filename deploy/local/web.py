"""The three services behind one port, as the reverse proxy has it elsewhere: `granian deploy.local.web:application`.

Every service serves whole paths (`/intake/…`), so nothing is cut off on the way to it.
"""

from __future__ import annotations

import os

from deploy.local.routing import by_first_segment
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

logs.configure("web", level=os.environ.get("LOG_LEVEL") or "INFO")
application = by_first_segment(
    {
        "intake": intake(load(IntakeSettings)),
        "referral": referral(load(ReferralSettings)),
        "notifications": notifications(load(NotificationsSettings)),
    },
    otherwise=identity(load(IdentitySettings)),
)
