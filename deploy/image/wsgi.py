"""The web process of one service: `granian --interface wsgi deploy.image.wsgi:application`.

SERVICE is `intake`, `referral`, `notifications`, or `account` for the sign-in pages, which every image holds.
"""

from __future__ import annotations

import importlib
import os

from shared import logs
from shared.settings import load

SERVICE = os.environ["SERVICE"]
PACKAGE = "shared.identity" if SERVICE == "account" else f"services.{SERVICE}"

logs.configure(SERVICE, level=os.environ.get("LOG_LEVEL") or "INFO")
application = importlib.import_module(f"{PACKAGE}.app").create_app(
    load(importlib.import_module(f"{PACKAGE}.settings").Settings)
)
