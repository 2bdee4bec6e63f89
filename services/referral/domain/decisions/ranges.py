"""Ranges as S-FEEL writes them."""

from services.referral.domain.decisions.values import Range, literal


def range_text(span: Range) -> str:
    """A range as a unary test."""
    if span.low is None:
        return f"{'<' if span.high_open else '<='} {literal(span.high)}"
    if span.high is None:
        return f"{'>' if span.low_open else '>='} {literal(span.low)}"
    if span.low == span.high:
        return literal(span.low)
    opening, closing = "(" if span.low_open else "[", ")" if span.high_open else "]"
    return f"{opening}{literal(span.low)}..{literal(span.high)}{closing}"
