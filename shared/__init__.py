"""The wire and the plumbing: events, bus, database, identity, web frame, logs. Never the domain."""
