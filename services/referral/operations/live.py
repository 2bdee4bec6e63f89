"""Which rules decide now: asked in the transaction that decides, so that all workers change over at one moment."""

from __future__ import annotations

import threading
from datetime import datetime

from sqlalchemy import Connection

from services.referral.domain.pathway_tables import DEFAULT, Pathway, packaged_files
from services.referral.domain.publishing import live_at
from services.referral.store import versions

KEPT = 8
"""How many versions a process keeps read: the live one, and those an auditor or a replay asks for."""


class LiveRules:
    """The rules of one pathway. Thread-safe; reading costs one small query, a new version one more."""

    def __init__(self, name: str = DEFAULT) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._read: dict[str, Pathway] = {}

    def at(self, conn: Connection, moment: datetime) -> Pathway:
        """The pathway in force at `moment`: a published version, or the packaged one when there is none."""
        chosen = live_at(versions.ever_in_force(conn, self.name, moment), moment)
        if chosen is None:
            return Pathway.load(self.name)
        known = self._known(chosen.content_hash)
        if known is None:
            known = self._remember(Pathway.from_texts(self.name, versions.get(conn, chosen.id).files))
        return known

    def keep(self, conn: Connection, pathway: Pathway, *, now: datetime) -> None:
        """Keep the contents that are about to decide something, in the same transaction, for those who ask later."""
        if versions.has_content(conn, pathway.version):
            return
        chosen = live_at(versions.ever_in_force(conn, self.name, now), now)
        files = packaged_files(self.name) if chosen is None else versions.get(conn, chosen.id).files
        versions.keep_content(conn, pathway.version, self.name, files, now)

    def of_content(self, conn: Connection, content_hash: str) -> Pathway | None:
        """The pathway whose contents have this hash, if it ever decided anything or is the packaged one."""
        known = self._known(content_hash)
        if known is not None:
            return known
        if Pathway.load(self.name).version == content_hash:
            return Pathway.load(self.name)
        files = versions.content(conn, content_hash)
        return None if files is None else self._remember(Pathway.from_texts(self.name, files))

    def _known(self, content_hash: str) -> Pathway | None:
        with self._lock:
            return self._read.get(content_hash)

    def _remember(self, pathway: Pathway) -> Pathway:
        with self._lock:
            while len(self._read) >= KEPT:
                self._read.pop(next(iter(self._read)))
            self._read[pathway.version] = pathway
        return pathway
