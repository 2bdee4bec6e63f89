"""The Celery object of the referral service."""

from __future__ import annotations

from shared.background import make_celery

celery = make_celery("referral")
