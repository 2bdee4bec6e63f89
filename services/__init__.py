"""The three services. They meet only through events (see `shared.events`)."""
