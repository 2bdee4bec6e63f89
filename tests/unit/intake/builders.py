"""Valid documents to change in one place: plain functions with defaults."""

from copy import deepcopy
from datetime import UTC, datetime

from services.intake.domain.consent_rules import Schedule
from services.intake.schemas.reading import Edge
from shared.ids import new_id

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def an_edge(now=NOW):
    return Edge(now, new_id, Schedule())


def a_document(**changes):
    """A complete adult assessment; `changes` are dotted paths with `__` for dots, None removes nothing."""
    document = {
        "id": new_id(),
        "assessed_at": "2026-11-22T09:30:00-05:00",
        "place": {"country": "CO", "locality": "CO-CUCUTA", "detail": "Parque Santander"},
        "person": {
            "name": "Yusmary Ejemplo",
            "age": 31,
            "gender": "woman",
            "nationality": "VE",
            "population_type": "in_destination",
            "languages": ["es"],
            "documents": ["passport_expired"],
            "accessibility": [],
        },
        "household": {"size": 3, "children": [2, 7]},
        "consent": {
            "share": "granted",
            "given_by": "person",
            "assent": False,
            "contact": "granted",
            "statistics": "granted",
            "authorities": "refused",
            "withheld_from": [],
            "obtained_at": "2026-11-22T09:25:00-05:00",
            "override": None,
        },
        "safe_contact": {
            "channel": "sms",
            "phone": "+57 300 123 4567",
            "owner": "self",
            "safe_days": ["mon", "tue"],
            "safe_hours": ["09:00", "18:00"],
            "timezone": "America/Bogota",
            "language": "es",
            "sensitive_ok": False,
            "neutral_name": "Ana",
        },
        "preferences": ["women_staffed"],
        "criteria": ["V07"],
        "needs": [{"code": "LEG.DOC", "refer": True, "facts": {"deadline_days": 20}}],
    }
    for path, value in changes.items():
        put(document, path.split("__"), value)
    return document


def a_child(age, *, given_by, assent):
    return a_document(
        person__age=age, consent__given_by=given_by, consent__assent=assent, household=None, safe_contact=None
    )


def put(document, path, value):
    """Set the value at `path`; numbers index lists."""
    for step in path[:-1]:
        document = document[int(step) if step.isdigit() else step]
    last = path[-1]
    document[int(last) if last.isdigit() else last] = deepcopy(value)
