"""Shapes on the wire: what the other services answer (`contacts`), what the API takes (`requests`) and gives
(`answers`)."""

from services.notifications.schemas.contacts import OrganizationContactSchema, PersonContactSchema

__all__ = ["OrganizationContactSchema", "PersonContactSchema"]
