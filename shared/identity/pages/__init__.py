"""The pages under `/account`: signing in and out, one's own account, and what administrators do."""

from shared.identity.pages.admin import pages as admin
from shared.identity.pages.elsewhere import pages as elsewhere
from shared.identity.pages.profile import pages as profile
from shared.identity.pages.sign_in import pages as sign_in
from shared.identity.pages.steps import pages as steps

PAGES = (sign_in, steps, elsewhere, profile, admin)
