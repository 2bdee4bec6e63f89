"""Proof before publishing: a table is right for every case that its columns can describe, or here is one."""

from services.referral.domain.decisions.proof.findings import Finding, Kind
from services.referral.domain.decisions.proof.invariants import Invariant, load_invariants, read_invariants
from services.referral.domain.decisions.proof.promises import prove_invariants
from services.referral.domain.decisions.proof.reach import Place, places_from, unreachable
from services.referral.domain.decisions.proof.rows import prove
from services.referral.domain.decisions.proof.words import describe, describe_case

__all__ = [
    "Finding",
    "Invariant",
    "Kind",
    "Place",
    "describe",
    "describe_case",
    "load_invariants",
    "places_from",
    "prove",
    "prove_invariants",
    "read_invariants",
    "unreachable",
]
