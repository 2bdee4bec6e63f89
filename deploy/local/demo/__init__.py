"""The demo: sample cases sent over HTTP, answered as providers and persons would, and watched to their end.

Nothing here knows more than an outside program could: everything goes through the public API.
"""
