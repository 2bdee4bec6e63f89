"""Calls towards other systems."""
