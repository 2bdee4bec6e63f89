"""Accounts, organizations they belong to, API tokens, and the pages under `/account`.

Owns schema `identity`. Publishes and listens to nothing: a signed token tells every service who calls.
"""
