"""The other services, as the referral service asks them."""
