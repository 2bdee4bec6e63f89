from datetime import UTC, datetime

from deploy.local.seed import seed
from shared.identity import store

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "una frase larga 27"


def load(stack):
    with stack.engine("identity").begin() as identity, stack.engine("referral").begin() as referral:
        return seed(identity, referral, password=PASSWORD, now=NOW)


def test_the_sample_data_loads_and_may_be_loaded_again(clean_stack):
    first = load(clean_stack)
    again = load(clean_stack)
    assert first.organizations >= 35
    assert first.services >= 60
    assert first.changed == first.services
    assert (again.accounts, again.organizations, again.services) == (
        first.accounts,
        first.organizations,
        first.services,
    )
    assert again.changed == 0
    with clean_stack.engine("identity").connect() as conn:
        known = store.find_account(conn, "punto-focal-co")
    assert known["role"] == "focal_point"
    assert not known["must_change_password"]
