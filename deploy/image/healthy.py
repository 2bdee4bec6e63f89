"""Health checks, for Docker and Kubernetes alike: exit code 0 when well.

python -m deploy.image.healthy web      the web process answers that it is ready
python -m deploy.image.healthy worker   nothing that may be acted on has waited for minutes
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

from shared.bus import oldest_due_seconds
from shared.database import make_engine

WORKER_LAG_SECONDS = 300.0


def web(service: str) -> bool:
    """Whether the web process of `service` is ready."""
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/{service}/ready"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def worker(service: str) -> bool:
    """Whether the workers of `service` keep up."""
    engine = make_engine(
        os.environ[f"{service.upper()}_DATABASE_URL"], pool_size=1, application="ruta health"
    )
    with engine.connect() as conn:
        return (oldest_due_seconds(conn, service) or 0.0) < WORKER_LAG_SECONDS


CHECKS = {"web": web, "worker": worker}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]](os.environ["SERVICE"]) else 1)
