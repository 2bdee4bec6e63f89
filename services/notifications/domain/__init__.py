"""The rules of the notifications service in plain Python: words, gates, statuses, answers, follow-ups."""
