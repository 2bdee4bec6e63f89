"""The notifications service: tells people safely, listens to their answers, and never lets a message do harm.

Owns notifications (intents), deliveries (attempts), follow-ups, calls (tasks for a human) and answers.
Publishes `notification.updated`, `outcome.reported`, `contact.opted_out`, `call.requested`, `call.closed`.
Listens to every `referral.*` fact, `gap.recorded`, `consent.withdrawn` and `call.closed`.
Start reading at `domain/gates.py` (may this message be sent now?) and `domain/guard.py` (are these words safe?).
"""
