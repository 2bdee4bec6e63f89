"""Which rules of consent count when: the table `consent_policy` of every version that ever was in force, by time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.referral.domain.decisions import DecisionError, DecisionTable, Problem, TableErrors, load_texts
from services.referral.domain.decisions.grids import read_csv, write_csv
from services.referral.domain.decisions.proof import load_invariants, prove_invariants
from services.referral.domain.decisions.proof.invariants import FILE as INVARIANTS
from services.referral.domain.pathway_case import UNKNOWN
from services.referral.domain.pathway_tables import DEFAULT, FOLDER, where
from services.referral.domain.publishing import Version, live_at
from shared import codes
from shared.clock import rfc3339

TABLE = "consent_policy"
ANSWERS = ("child", "caregiver", "if_absent")
COLUMNS = "columns.csv"
FILES = (COLUMNS, f"{TABLE}.csv", INVARIANTS)
"""What the table is read from."""
OLDEST = 120

Told = list[dict[str, Any]]


def table_of(files: Mapping[str, str]) -> DecisionTable:
    """The table alone out of the files of a version. Raises TableErrors."""
    declared = read_csv(files.get(COLUMNS, "").encode(), COLUMNS)
    columns = [cells for _, cells in declared.body if cells[0].strip() == TABLE]
    found = load_texts({**files, COLUMNS: write_csv([declared.header, *columns])}).get(TABLE)
    if found is None:
        raise TableErrors([Problem("missing_file", f"{TABLE}.csv")])
    return found


def promised(table: DecisionTable, files: Mapping[str, str]) -> bool:
    """Whether promises hold of the table: its own, which were proven before it was approved, or else the packaged ones.
    A version from before there were any may break those."""
    own = read_csv(files[INVARIANTS].encode(), INVARIANTS).body if INVARIANTS in files else ()
    if any(TABLE in cells for _, cells in own):
        return True
    packaged = load_invariants(FOLDER / DEFAULT / f"{TABLE}.csv", {TABLE: table})
    return not prove_invariants({TABLE: table}, packaged)


def periods(versions: Sequence[Version], rules_of: Callable[[Version | None], Told]) -> Told:
    """The periods that `consent_policy.scheduled.v1` tells, oldest first. `rules_of` gives the rules of a version, or
    of the packaged tables for None. The same versions make the same periods whenever they are asked for."""
    found: Told = [{"begins": None, "rules": rules_of(None)}]
    for moment in _moments(versions):
        rules = rules_of(live_at(versions, moment))
        if rules != found[-1]["rules"]:
            found.append({"begins": rfc3339(moment), "rules": rules})
    return found


def _moments(versions: Iterable[Version]) -> list[datetime]:
    """When something comes into force or goes out of it."""
    ends = {
        moment for one in versions for moment in (one.live_from, one.live_until, one.retired_at) if moment
    }
    return sorted(ends)


def rules(table: DecisionTable) -> Told:
    """What the table says at every age in every country, neighbours with the same answer together. Where it has no
    answer nothing is told."""
    found: Told = []
    for country in codes.load("countries"):
        for told in _rules_in(table, country):
            same = next((one for one in found if {**one, "countries": []} == {**told, "countries": []}), None)
            if same is None:
                found.append(told)
            else:
                same["countries"].append(country)
    return found


def _rules_in(table: DecisionTable, country: str) -> Told:
    found: Told = []
    for age, band in _ages():
        said = _answer(table, country, age, band)
        if said is None:
            continue
        last = found[-1] if found else None
        if last and age is not None and last["ages"][1] == age - 1 and said == {n: last[n] for n in ANSWERS}:
            last["ages"][1] = age
        else:
            found.append({"countries": [country], "ages": None if age is None else [age, age], **said})
    return found


def _ages() -> Iterator[tuple[int | None, str]]:
    """Every age with its band, youngest first, and the unknown one."""
    bands = codes.load("age_bands")
    for age in range(OLDEST + 1):
        yield age, next(band for band, one in bands.items() if _holds(one, age))
    yield None, UNKNOWN


def _holds(band: codes.Code, age: int) -> bool:
    if band.code == UNKNOWN:
        return False
    last = band.facts["to_years"]
    return int(band.fact("from_years")) <= age <= (int(last) if last else OLDEST)


def _answer(table: DecisionTable, country: str, age: int | None, band: str) -> dict[str, str] | None:
    try:
        found = table.evaluate({**where(table, country), "age_band": band, "years": age})
    except DecisionError:
        return None
    if not isinstance(found, dict):
        return None
    said = {name: found.get(name) for name in ANSWERS}
    return said if all(said.values()) else None  # type: ignore[return-value]
