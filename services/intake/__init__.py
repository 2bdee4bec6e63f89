"""The intake service: persons, consent and assessments in; the focal point's pages.

Owns schema `intake`, the only place where a person's name and number are kept, sealed.
Publishes `assessment.submitted.v1`, `consent.withdrawn.v1`, `outcome.reported.v1` and `call.closed.v1` (a focal point's
reports).
Listens to everything that becomes of a need: referrals, gaps, messages, outcomes, opt-outs, calls;
and to which rules of consent count when (`consent_policy.scheduled.v1`).
"""
