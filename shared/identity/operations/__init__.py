"""What can be done with accounts, organizations, sign-ins and tokens. Callers bring the transaction and the time."""

from shared.identity.operations.accounts import (
    NewAccount,
    change_password,
    choose_password,
    create_account,
    create_organization,
    disable_account,
    enable_account,
    end_session,
    ensure_account,
    ensure_organization,
    set_password,
)
from shared.identity.operations.api_tokens import NewToken, create_api_token, revoke_api_token

__all__ = [
    "NewAccount",
    "NewToken",
    "change_password",
    "choose_password",
    "create_account",
    "create_api_token",
    "create_organization",
    "disable_account",
    "enable_account",
    "end_session",
    "ensure_account",
    "ensure_organization",
    "revoke_api_token",
    "set_password",
]
