"""The focal point's pages, below `/intake`."""
