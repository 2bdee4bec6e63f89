"""What other services ask about accounts: which tokens to refuse before they expire."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from shared.clock import utc_now
from shared.identity import schemas, store
from shared.web.access import allow
from shared.web.api import ApiBlueprint
from shared.web.app import engine

revocations = ApiBlueprint(
    "revocations", __name__, url_prefix="/revocations", description="Retired credentials"
)


@revocations.route("")
class Revocations(MethodView):
    @revocations.response(200, schemas.RevocationsSchema)
    @allow("service")
    def get(self) -> dict[str, Any]:
        """Every token and account to refuse, until their tokens expire by themselves"""
        with engine().connect() as conn:
            return {"items": store.revocations(conn, now=utc_now())}
