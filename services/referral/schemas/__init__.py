"""What travels in and out over HTTP."""
