"""The JSON side of the notifications service, below `/notifications/api/v1`."""

from services.notifications.api import calls, gateway, notifications, sandbox

BLUEPRINTS = (notifications.blueprint, calls.blueprint, gateway.blueprint, sandbox.blueprint)
