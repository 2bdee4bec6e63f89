"""The pages of the notifications service: the sandbox, how messages fare, and the calls of providers."""

from services.notifications.pages import calls, health, sandbox

PAGES = (sandbox.pages, health.pages, calls.pages)
