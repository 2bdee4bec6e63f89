"""The list of retired tokens, where services look for it. See shared/web/revoked.py."""

from shared.web.revoked import Revoked, from_accounts

__all__ = ["Revoked", "from_accounts"]
