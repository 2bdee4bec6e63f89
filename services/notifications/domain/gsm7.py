"""What an SMS costs: the GSM 03.38 alphabet and its segments.

Of the letters of Spanish only é ñ ü ¿ ¡ É Ñ Ü are in the alphabet; one `á` drops the message from 160
characters to 70 [MSG-9]. Templates are written without á í ó ú on purpose.
"""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
ALL = BASIC | EXTENDED
SINGLE, PART = 160, 153


def outside(text: str) -> list[str]:
    """Characters of `text` that would force the 70-character encoding, in order, without repeats."""
    return [] if ALL.issuperset(text) else list(dict.fromkeys(char for char in text if char not in ALL))


def septets(text: str) -> int:
    """Length in septets; an extended character takes two. `text` must be within the alphabet."""
    return len(text) + sum(map(text.count, EXTENDED))


def segments(text: str) -> int:
    """How many SMS a phone company bills for `text` (which must be within the alphabet)."""
    length = septets(text)
    return 1 if length <= SINGLE else -(-length // PART)
