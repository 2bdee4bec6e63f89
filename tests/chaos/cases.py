"""Invented people and an invented directory, the same for the same seed."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import codes

LOCALITY = "CO-CUCUTA"
ORGANIZATIONS = 4
ORDINARY = (
    *("LEG.DOC", "LEG.REG", "EDU.OOS", "EDU.ENROL", "BAS.FOOD", "BAS.SHEL"),
    *("HEA.PRIM", "HEA.CHRON", "LIV.JOB"),
)
"""Some of them ask for the same service; each must get a place of its own all the same."""
SENSITIVE = ("GBV.RAPE", "GBV.PHYS", "GBV.PSY", "HEA.HIVTB")
URGENT = "PRO.PHYS"
FACTS: dict[str, dict[str, Any]] = {
    "GBV.RAPE": {"elapsed": "le_24h", "danger_now": "no", "perpetrator_access": "no"},
    "GBV.PHYS": {"danger_now": "no", "perpetrator_access": "no", "severe_risk": "no"},
    "PRO.PHYS": {"danger_now": "yes"},
}
MARK = "Marcadora"
"""Part of every invented name: what must be found nowhere outside the sealed columns."""


def stable_id(kind: str, seed: int, number: int) -> str:
    """A UUID that is the same for the same arguments."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"ruta:chaos:{kind}:{seed}:{number}"))


def phone_of(number: int) -> str:
    """A mobile number of nobody, one per case."""
    return f"+57300{number % 10_000_000:07d}"


def assessment(seed: int, number: int, *, now: datetime | None = None) -> dict[str, Any]:
    """Case `number` of a run: one to three needs, one in four sensitive, one in ten urgent, reachable at any hour."""
    chance = random.Random(f"{seed}:{number}")
    moment = (now or datetime.now(UTC)) - timedelta(minutes=1)
    needs = chance.sample(ORDINARY, k=chance.choice((1, 1, 2, 3)))
    if chance.random() < 0.25:
        needs[0] = chance.choice(SENSITIVE)
    if chance.random() < 0.1:
        needs[-1] = URGENT
    return {
        "id": stable_id("assessment", seed, number),
        "assessed_at": moment.isoformat(),
        "place": {"country": "CO", "locality": LOCALITY, "detail": f"Parque {MARK}"},
        "person": {
            "name": f"{MARK} Caso{number}",
            "age": chance.randint(18, 70),
            "gender": chance.choice(("woman", "man")),
            "nationality": "VE",
            "population_type": "in_destination",
            "languages": ["es"],
            "documents": ["ppt"],
            "accessibility": [],
        },
        "household": None,
        "consent": {
            "share": "granted",
            "given_by": "person",
            "contact": "granted",
            "statistics": "granted",
            "authorities": "refused",
            "obtained_at": moment.isoformat(),
        },
        "safe_contact": {
            "channel": "sms",
            "phone": phone_of(number),
            "owner": "self",
            "safe_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "safe_hours": ["00:00", "23:59"],
            "timezone": "America/Bogota",
            "language": "es",
            "sensitive_ok": True,
        },
        "preferences": [],
        "criteria": [],
        "needs": [
            {
                "id": stable_id("need", seed, number * 10 + at),
                "code": code,
                "refer": True,
                "facts": FACTS.get(code, {}),
            }
            for at, code in enumerate(needs)
        ],
    }


def organization_id(number: int) -> str:
    """The id of invented organization `number`, from 0."""
    return stable_id("organization", 0, number)


def directory() -> list[dict[str, Any]]:
    """An HSDS package: a few organizations in one city, each offering every kind of help, open day and night."""
    return [_service(number) for number in range(ORGANIZATIONS)]


def _service(number: int) -> dict[str, Any]:
    gates = ("gbv_vetted", "cp_vetted", "tip_vetted")
    return {
        "id": stable_id("service", 0, number),
        "name": f"Servicio {number}",
        "status": "active",
        "organization": {
            "id": organization_id(number),
            "name": f"Organización {number}",
            "description": "Inventada",
            "phones": [{"id": "p", "number": f"+5731000000{number:02d}"}],
            "attributes": [_attribute("kind", "ngo"), *(_attribute("gate", gate) for gate in gates)],
        },
        "assured_date": datetime.now(UTC).date().isoformat(),
        "assurer_email": "directorio@example.org",
        "languages": [{"id": "l", "code": "es"}],
        "schedules": [_always()],
        "service_areas": [{"id": "a", "extent": LOCALITY, "extent_type": "text"}],
        "attributes": [
            *(_attribute("service_type", code) for code in codes.load("service_types")),
            *(_attribute("capability", code) for code in codes.load("capabilities")),
        ],
    }


def _always() -> dict[str, Any]:
    return {
        "id": "s",
        "freq": "WEEKLY",
        "byday": "MO,TU,WE,TH,FR,SA,SU",
        "opens_at": "00:00-05:00",
        "closes_at": "23:59-05:00",
    }


def _attribute(taxonomy: str, code: str) -> dict[str, Any]:
    term = {"id": "t", "taxonomy": f"ruta:{taxonomy}", "code": code, "name": code, "description": ""}
    return {"id": "a", "taxonomy_term": term}
