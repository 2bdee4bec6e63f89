"""The Celery object of the notifications service, alone so that any module may import it."""

from __future__ import annotations

from shared.background import make_celery

celery = make_celery("notifications")
