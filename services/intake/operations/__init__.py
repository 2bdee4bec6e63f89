"""What the intake service does, one use case each. The connection comes first; times and ids are passed in."""
