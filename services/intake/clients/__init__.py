"""The other services, as the intake service asks them."""
