"""Who may see what of a case.

A restricted (S3) need is for its author, the organization that receives it and a supervisor alone [GBV-9, GBV-10]:
colleagues of the author see that there is one, coordinators not even that.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks."""

    account_id: str
    role: str
    organization_id: str | None

    @property
    def is_coordinator(self) -> bool:
        return self.role == "coordinator"


def sees_case(viewer: Viewer, *, organization_id: str, restricted_only: bool) -> bool:
    """Whether the case exists at all for the viewer: for the organization that made it, and, unless every need is
    restricted, for coordinators."""
    if viewer.is_coordinator:
        return not restricted_only
    return viewer.role == "focal_point" and viewer.organization_id == organization_id


def sees_need(viewer: Viewer, *, restricted: bool, focal_point_id: str) -> bool:
    """Whether the viewer may know what the need is and what became of it."""
    return not restricted or viewer.account_id == focal_point_id
