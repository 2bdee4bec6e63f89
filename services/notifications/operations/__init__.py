"""What the service does. Operations take a connection or an engine first, then values; the clock comes in as `now`."""
