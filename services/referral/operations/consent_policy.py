"""Tell which rules of consent count when, in the transaction of whatever changes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection

from services.referral.domain import consent_schedule
from services.referral.domain.decisions import TableErrors
from services.referral.domain.pathway_tables import DEFAULT, Pathway
from services.referral.domain.publishing import Version
from services.referral.store import consent_policy as store
from services.referral.store import versions
from services.referral.store.consent_policy import Said
from shared import bus, logs
from shared.events.referral import ConsentPolicyScheduled

log = logs.get(__name__)

Rules = list[dict[str, Any]]


def untold(conn: Connection) -> bool:
    """Whether versions were approved of which nobody was told: by a release before this one told of them, or with
    other packaged tables."""
    basis = _basis(conn)
    return basis is not None and basis != store.looked_at(conn, DEFAULT)


def tell(conn: Connection, *, now: datetime) -> bool:
    """Tell which rules count when, if that is other than what was told last."""
    said = store.claim(conn, DEFAULT)
    basis = _basis(conn)
    if basis is None or basis == said.basis:
        return False
    periods = _periods(conn)
    if periods == (said.periods or [{"begins": None, "rules": packaged()}]):
        store.save(conn, DEFAULT, Said(said.seq, basis, said.periods))
        return False
    seq = said.seq + 1
    store.save(conn, DEFAULT, Said(seq, basis, periods))
    fact = ConsentPolicyScheduled(seq=seq, priority=0, pathway=DEFAULT, periods=periods)
    bus.publish(conn, [fact], now=now)
    return True


@cache
def packaged() -> Rules:
    """The rules of consent of the packaged tables."""
    return consent_schedule.rules(Pathway.load(DEFAULT).tables[consent_schedule.TABLE])


def _basis(conn: Connection) -> str | None:
    approved = store.versions_hash(conn, DEFAULT)
    table = Pathway.load(DEFAULT).tables[consent_schedule.TABLE]
    return approved and f"{table.content_hash}:{approved}"


def _periods(conn: Connection) -> Rules:
    approved = versions.ever_approved(conn, DEFAULT)
    files = store.files_of(conn, [one.id for one in approved], consent_schedule.FILES)
    known = {one.id: _rules(files.get(one.id, {})) for one in approved}

    def rules_of(version: Version | None) -> Rules:
        return packaged() if version is None else known[version.id]

    return consent_schedule.periods(approved, rules_of)


def _rules(files: Mapping[str, str]) -> Rules:
    """Of a table that cannot be read, or was approved when its answers decided nothing and no promise held them,
    nothing is told where that would harm: then the packaged rules count."""
    try:
        table = consent_schedule.table_of(files)
        if consent_schedule.promised(table, files):
            return consent_schedule.rules(table)
    except TableErrors:
        pass
    log.warning("rules of consent that are not told: the packaged ones count")
    return []
