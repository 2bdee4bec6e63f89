"""The pages of the notifications service: the sandbox, and how messages fare."""

from services.notifications.pages import health, sandbox

PAGES = (sandbox.pages, health.pages)
