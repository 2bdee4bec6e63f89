"""Towards the other services, over HTTP: whom we may write to, asked at the moment of writing."""
